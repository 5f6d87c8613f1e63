"""How good an installed plugin is by the kit's scale; tried once per process, and where its code may run here at all."""

import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from engage_server.plugin_host.loading import Plugin
from engage_server.sdk import ComputeRequest, GraphQLContribution, Manifest, hookimpl
from engage_server.sdk.testing.findings import Report, report_of
from engage_server.sdk.testing.kit import check, exemptions_of
from engage_server.sdk.testing.source_rules import source_findings

UNKNOWN = ""


class _Hooks:
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


def report_on(plugin: Plugin) -> Report | None:
    """What the kit says of an installed plugin; None for one that runs in a process of its own."""
    if plugin.foreign:
        return None
    return _tried(_Key(plugin))


class _Key:
    """A plugin by what it is: the same release is tried once."""

    def __init__(self, plugin: Plugin) -> None:
        self.plugin = plugin
        self._name = (plugin.id, plugin.distribution, plugin.version)

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.plugin.manifest is other.plugin.manifest


@cache
def _tried(key: _Key) -> Report:
    hooks = _Hooks(key.plugin)
    found = list(check(hooks).findings)
    package = key.plugin.manifest.config.__module__.partition(".")[0]
    sources = Path(sys.modules[package].__file__ or "").parent
    is_package = hasattr(sys.modules[package], "__path__") and package != "engage_server"
    if not is_package or key.plugin.distribution not in metadata.packages_distributions().get(package, ()):
        return report_of(key.plugin.id, found, {})
    required = frozenset(metadata.requires(key.plugin.distribution) or ())
    found += source_findings(sources, package=package, dependencies=required)
    return report_of(key.plugin.id, found, exemptions_of(sources))
