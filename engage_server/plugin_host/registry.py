"""The installed plugins: loaded from entry points once per process, checked, then frozen.

A broken plugin never disappears silently: it stands in ``Registry.broken`` with its distribution, the hook and
the remedy, and is reported by the log, ``manage.py check`` and the health page, while the sound ones run.
"""

import importlib.metadata
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from engage_server.plugin_host.exceptions import BrokenPluginError, ClashError, UnknownPluginError
from engage_server.plugin_host.isolation.preflight import examined_first
from engage_server.plugin_host.loading import ENTRY_POINT_GROUP, Candidate, Plugin, dependencies, load
from engage_server.sdk import Metric

__all__ = [
    "Candidate",
    "Plugin",
    "Registry",
    "build_registry",
    "computing_order",
    "dependencies",
    "installed_candidates",
    "registry",
]
log = logging.getLogger("engage.plugins")


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


def build_registry(candidates: Iterable[Candidate]) -> Registry:
    """Load and check every candidate; what is broken is kept aside with its reason.

    Raises:
        ClashError: two plugins share an id, or their metrics wait for each other in a circle.
    """
    plugins: dict[str, Plugin] = {}
    broken: dict[str, str] = {}
    for candidate in candidates:
        try:
            plugin = load(candidate)
        except BrokenPluginError as error:
            broken[candidate.name] = str(error)
            log.error("%s", error, extra={"action": "plugin_broken", "plugin": candidate.name})
            continue
        if plugin.id in plugins:
            raise ClashError(
                f"Two plugins have the id {plugin.id!r}: {plugins[plugin.id].distribution} and "
                f"{plugin.distribution}. Remedy: uninstall one of them."
            )
        plugins[plugin.id] = plugin
    registry = Registry(MappingProxyType(plugins), MappingProxyType(broken))
    computing_order({plugin.id: plugin.needs for plugin in plugins.values()})
    return registry


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

    A foreign one is loaded in a process of its own first, so that a crash at import is the plugin's, not ours.
    """
    for entry in sorted(importlib.metadata.entry_points(group=ENTRY_POINT_GROUP), key=lambda e: e.name):
        distribution = entry.dist
        yield examined_first(
            Candidate(
                name=entry.name,
                distribution="unknown" if distribution is None else distribution.name,
                version="0" if distribution is None else distribution.version,
                load=entry.load,
            )
        )


@cache
def registry() -> Registry:
    """The process's plugins, built at the first call."""
    return build_registry(installed_candidates())
