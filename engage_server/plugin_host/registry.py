"""The installed plugins: loaded from entry points once per process, checked, then frozen.

A broken plugin never disappears silently: it stands in ``Registry.broken`` with its distribution, the hook and
the remedy, and is reported by the log, ``manage.py check`` and the health page, while the sound ones run. Where two
claim the same, the newcomer is put aside: trusted distributions come first, then the alphabet decides.
"""

import importlib.metadata
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from types import MappingProxyType
from typing import Final

from engage_server.plugin_host.exceptions import BrokenPluginError, ClashError, UnknownPluginError
from engage_server.plugin_host.isolation.foreign import load_foreign
from engage_server.plugin_host.limits import is_foreign
from engage_server.plugin_host.loading import ENTRY_POINT_GROUP, Candidate, Plugin, broken, dependencies, load
from engage_server.sdk import Metric
from engage_server.tenancy.late_registration import load_registrations

__all__ = [
    "Candidate",
    "Examination",
    "Plugin",
    "Registry",
    "build_registry",
    "computing_order",
    "dependencies",
    "examine_with",
    "installed_candidates",
    "registry",
]
log = logging.getLogger("engage.plugins")

Examination = Callable[[Sequence[Plugin]], Mapping[str, str]]
"""Says of loaded plugins which are to be put aside, and why, by their ids."""
_examinations: Final[list[Examination]] = []


def examine_with(examination: Examination) -> None:
    """Have an upper layer look at the plugins, too, before they are registered: at what this one knows nothing of."""
    _examinations.append(examination)


@dataclass(frozen=True, slots=True)
class Registry:
    """All installed plugins of a process."""

    plugins: Mapping[str, Plugin]
    broken: Mapping[str, str]

    def get(self, plugin_id: str) -> Plugin:
        """The plugin of this id.

        Raises:
            UnknownPluginError: none is installed; says which are.
        """
        if plugin_id in self.plugins:
            return self.plugins[plugin_id]
        if plugin_id in self.broken:
            raise UnknownPluginError(self.broken[plugin_id])
        raise UnknownPluginError(
            f"No plugin {plugin_id!r} is installed. Remedy: one of {', '.join(sorted(self.plugins))}, "
            "or install its package into this environment."
        )

    def metric(self, name: str) -> tuple[Plugin, Metric]:
        """The owner and the metric of a full id ("nps.score").

        Raises:
            UnknownPluginError: there is no such metric; lists those there are.
        """
        plugin_id, _, metric_id = name.partition(".")
        plugin = self.plugins.get(plugin_id)
        if plugin is not None and any(metric.id == metric_id for metric in plugin.manifest.metrics):
            return plugin, plugin.metric(metric_id)
        known = sorted(f"{p.id}.{m.id}" for p in self.plugins.values() for m in p.manifest.metrics)
        raise UnknownPluginError(f"There is no metric {name!r}. Known metrics: {', '.join(known)}.")


def build_registry(candidates: Iterable[Candidate], *, examinations: Iterable[Examination] = ()) -> Registry:
    """Load and check every candidate; what is broken, or clashes with an earlier one, is kept aside with its reason."""
    plugins: dict[str, Plugin] = {}
    aside: dict[str, str] = {}
    for candidate, loaded in _loaded(list(candidates)):
        try:
            plugin = loaded()
            _require_no_clash(candidate, plugin, plugins)
        except (BrokenPluginError, ClashError) as error:
            aside[candidate.name] = str(error)
        else:
            plugins[plugin.id] = plugin
    for examine in examinations:
        for plugin_id, reason in examine(list(plugins.values())).items():
            aside[plugin_id] = reason
            del plugins[plugin_id]
    for name, reason in aside.items():
        log.error("%s", reason, extra={"action": "plugin_broken", "plugin": name})
    return Registry(MappingProxyType(plugins), MappingProxyType(aside))


def _loaded(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Callable[[], Plugin]]]:
    """Each candidate with a call that gives its plugin, or raises; foreign ones are examined some at a time meanwhile."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        foreign = {
            place: pool.submit(load_foreign, candidate)
            for place, candidate in enumerate(candidates)
            if candidate.foreign
        }
        for place, candidate in enumerate(candidates):
            yield candidate, foreign[place].result if place in foreign else partial(load, candidate)


def _require_no_clash(candidate: Candidate, plugin: Plugin, others: Mapping[str, Plugin]) -> None:
    """Return where the plugin can stand beside the others.

    Raises:
        BrokenPluginError: its id is taken, or it and another wait for each other's metrics.
    """
    if plugin.id in others:
        owner = others[plugin.id].distribution
        raise broken(
            candidate,
            "engage_manifest",
            f"the id {plugin.id!r} belongs to the plugin of {owner}",
            "rename it",
        )
    try:
        computing_order({one.id: one.needs for one in (*others.values(), plugin)})
    except ClashError as error:
        raise broken(candidate, "inputs", str(error), "remove the other's metrics from its inputs") from error


def computing_order(needs: Mapping[str, frozenset[str]]) -> list[str]:
    """Plugin ids so that each comes after those that it needs; ids that are not among the keys are ignored.

    Raises:
        ClashError: a circle; names its members.
    """
    order: list[str] = []
    remaining = {plugin: {need for need in wanted if need in needs} for plugin, wanted in needs.items()}
    while remaining:
        ready = sorted(plugin for plugin, wanted in remaining.items() if not wanted - set(order))
        if not ready:
            raise ClashError(
                f"These plugins wait for each other's metrics: {', '.join(sorted(remaining))}. "
                "Remedy: remove one of them from the other's inputs."
            )
        order += ready
        for plugin in ready:
            del remaining[plugin]
    return order


def installed_candidates() -> Iterator[Candidate]:
    """The plugins that installed distributions announce under the entry-point group.

    A foreign one is never imported here: it describes itself in a process of its own.
    """
    found = [
        Candidate(
            name=entry.name,
            distribution="unknown" if entry.dist is None else entry.dist.name,
            version="0" if entry.dist is None else entry.dist.version,
            load=entry.load,
            foreign=is_foreign("unknown" if entry.dist is None else entry.dist.name),
        )
        for entry in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)
    ]
    yield from sorted(found, key=lambda one: (one.foreign, one.name, one.distribution))


@cache
def registry() -> Registry:
    """The process's plugins, built at the first call."""
    load_registrations()
    return build_registry(installed_candidates(), examinations=_examinations)
