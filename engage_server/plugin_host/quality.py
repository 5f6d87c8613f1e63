"""How good an installed plugin is by the kit's scale; tried once per process, and where its code may run here at all."""

import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from engage_server.plugin_host.loading import ENTRY_POINT_GROUP, Plugin
from engage_server.plugin_host.trials import levels_of
from engage_server.sdk import ComputeRequest, GraphQLContribution, Manifest, hookimpl
from engage_server.sdk.testing.findings import Level as Level  # noqa: PLC0414  # the API names it
from engage_server.sdk.testing.findings import Report, report_of
from engage_server.sdk.testing.kit import check, exemptions_of
from engage_server.sdk.testing.source_rules import source_findings

UNKNOWN = ""
TOGETHER_S: Final = 0.5  # a list of plugins asks for all of them, one after the other


class _Key:
    """A plugin by what it is: the same release is tried once."""

    def __init__(self, plugin: Plugin) -> None:
        self.plugin = plugin
        self._name = (plugin.id, plugin.distribution, plugin.version)

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.plugin.manifest is other.plugin.manifest


class Hooks:
    """The hooks of a loaded plugin."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin

    @hookimpl
    def engage_manifest(self) -> Manifest:
        return self._plugin.manifest

    @hookimpl
    def engage_compute(self, request: ComputeRequest[Any]) -> Any:
        return self._plugin.compute(request)

    @hookimpl
    def engage_graphql(self) -> GraphQLContribution:
        return self._plugin.contribution or GraphQLContribution()


def quality_of(plugin: Plugin) -> str:
    """The level in upper case; empty for a plugin that runs in a process of its own, which its author checks."""
    report = report_on(plugin)
    return UNKNOWN if report is None else report.level.name


def known_quality(plugin: Plugin) -> str:
    """As ``quality_of``, without waiting: empty as long as the plugin is not tried yet in this process, which begins then.

    A trial takes seconds of the processor, which no request has: another process makes them.
    """
    if plugin.foreign:
        return UNKNOWN
    key = _Key(plugin)
    with _lock:
        if key not in _levels:
            _levels[key] = UNKNOWN
            _untried.put(key)
            if len(_levels) == 1:
                threading.Thread(target=_try_all, name="quality", daemon=True).start()
        return _levels[key]


def _try_all() -> None:
    while True:
        keys = {key.plugin.id: key for key in _waiting()}
        for plugin, level in levels_of([*keys]):
            with _lock:
                _levels[keys[plugin]] = level


def _waiting() -> Iterator[_Key]:
    """The next that waits, and those that are asked for together with it."""
    yield _untried.get()
    with suppress(Empty):
        while True:
            yield _untried.get(timeout=TOGETHER_S)


def report_on(plugin: Plugin) -> Report | None:
    """What the kit says of an installed plugin; None for one that runs in a process of its own."""
    if plugin.foreign:
        return None
    return _tried(_Key(plugin))


def _announced_by(distribution: str) -> set[str]:
    """The packages in which a distribution has plugins; also of one that is installed to be edited, which lists no files."""
    return {
        entry.module.partition(".")[0]
        for entry in metadata.entry_points(group=ENTRY_POINT_GROUP)
        if entry.dist is not None and entry.dist.name == distribution
    }


_lock: Final = threading.Lock()
_levels: Final[dict[_Key, str]] = {}
_untried: Final[SimpleQueue[_Key]] = SimpleQueue()


@cache
def _tried(key: _Key) -> Report:
    hooks = Hooks(key.plugin)
    found = list(check(hooks).findings)
    package = key.plugin.manifest.config.__module__.partition(".")[0]
    module = sys.modules.get(package)  # None: unloaded since, so that no sources can be found by it
    sources = Path(getattr(module, "__file__", None) or "").parent
    is_package = hasattr(module, "__path__") and package != "engage_server"
    if not is_package or package not in _announced_by(key.plugin.distribution):
        return report_of(key.plugin.id, found, {})
    required = frozenset(metadata.requires(key.plugin.distribution) or ())
    found += source_findings(sources, package=package, dependencies=required)
    return report_of(key.plugin.id, found, exemptions_of(sources))
