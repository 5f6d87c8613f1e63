"""The installed plugins: loaded from entry points once per process, checked, then frozen.

A broken plugin never disappears silently: it stands in ``Registry.broken`` with its distribution, the hook and
the remedy, and is reported by the log, ``manage.py check`` and the health page, while the sound ones run.
"""

import importlib.metadata
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import pluggy
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from engage_server import sdk
from engage_server.plugin_host.exceptions import BrokenPluginError, ClashError, UnknownPluginError
from engage_server.sdk import GraphQLContribution, Manifest, Metric, MetricValues, hookspecs
from engage_server.sdk.testing.conformance import manifest_problems

ENTRY_POINT_GROUP: Final = "engage.plugins"
log = logging.getLogger("engage.plugins")


@dataclass(frozen=True, slots=True)
class Plugin:
    """A sound plugin. ``compute`` is its hook, to be called under guard only."""

    manifest: Manifest
    distribution: str
    version: str
    compute: Callable[..., Any]
    contribution: GraphQLContribution | None

    @property
    def id(self) -> str:
        """The plugin's id, unique in the process."""
        return self.manifest.id

    def metric(self, metric_id: str) -> Metric:
        """The metric of this id within the plugin."""
        return next(metric for metric in self.manifest.metrics if metric.id == metric_id)

    @property
    def needs(self) -> frozenset[str]:
        """Ids of the plugins whose values it asks for under its default configuration."""
        return dependencies(self.manifest, self.manifest.config())


def dependencies(manifest: Manifest, config: Any) -> frozenset[str]:
    """Ids of the other plugins whose metrics a manifest asks for under a configuration."""
    metrics = {
        name
        for spec in manifest.inputs_for(config).values()
        if isinstance(spec, MetricValues)
        for name in spec.metrics
    }
    return frozenset(name.split(".")[0] for name in metrics) - {manifest.id}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that claims to be a plugin: a name, where it comes from, and how to load it."""

    name: str
    distribution: str
    version: str
    load: Callable[[], object]


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
            plugin = _load(candidate)
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
    """The plugins that installed distributions announce under the entry-point group."""
    for entry in sorted(importlib.metadata.entry_points(group=ENTRY_POINT_GROUP), key=lambda e: e.name):
        distribution = entry.dist
        yield Candidate(
            name=entry.name,
            distribution="unknown" if distribution is None else distribution.name,
            version="0" if distribution is None else distribution.version,
            load=entry.load,
        )


@cache
def registry() -> Registry:
    """The process's plugins, built at the first call."""
    return build_registry(installed_candidates())


def _load(candidate: Candidate) -> Plugin:
    module = _guarded(candidate, "import", candidate.load)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, name=candidate.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise _broken(
            candidate, "registration", f"{error}", "compare the hook's name and arguments with hookspecs"
        ) from error
    hooks = {
        name: _implementation(manager, name)
        for name in ("engage_manifest", "engage_compute", "engage_graphql")
    }
    if hooks["engage_manifest"] is None or hooks["engage_compute"] is None:
        missing = "engage_manifest" if hooks["engage_manifest"] is None else "engage_compute"
        raise _broken(candidate, missing, "the hook is missing", "define it with @hookimpl")
    manifest = _guarded(candidate, "engage_manifest", hooks["engage_manifest"])
    _check_manifest(candidate, manifest)
    contribution = None
    if hooks["engage_graphql"] is not None:
        contribution = _guarded(candidate, "engage_graphql", hooks["engage_graphql"])
        if not isinstance(contribution, GraphQLContribution):
            raise _broken(
                candidate,
                "engage_graphql",
                f"returned {type(contribution).__name__}",
                "return a GraphQLContribution",
            )
    return Plugin(manifest, candidate.distribution, candidate.version, hooks["engage_compute"], contribution)


def _check_manifest(candidate: Candidate, manifest: object) -> None:
    if not isinstance(manifest, Manifest):
        raise _broken(
            candidate, "engage_manifest", f"returned {type(manifest).__name__}", "return a Manifest"
        )
    try:
        fits = sdk.__version__ in SpecifierSet(manifest.sdk)
    except InvalidSpecifier:
        raise _broken(
            candidate,
            "engage_manifest",
            f"{manifest.sdk!r} is no version range",
            "write one such as '>=1,<2'",
        ) from None
    if not fits:
        raise _broken(
            candidate,
            "engage_manifest",
            f"it needs the SDK {manifest.sdk} and this is {sdk.__version__}",
            "install a release of the plugin or of the server that fits",
        )
    problems = _guarded(candidate, "engage_manifest", lambda: list(manifest_problems(manifest)))
    if problems:
        raise _broken(candidate, "engage_manifest", " ".join(problems), "correct the manifest")


def _implementation(manager: pluggy.PluginManager, hook: str) -> Callable[..., Any] | None:
    implementations = getattr(manager.hook, hook).get_hookimpls()
    return implementations[0].function if implementations else None


def _guarded(candidate: Candidate, hook: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:  # whatever foreign code raises is reported under its name
        raise _broken(
            candidate, hook, f"{type(error).__name__}: {error}", "see the plugin's own documentation"
        ) from error


def _broken(candidate: Candidate, hook: str, cause: str, remedy: str) -> BrokenPluginError:
    return BrokenPluginError(
        f"The plugin {candidate.name!r} of the distribution {candidate.distribution} {candidate.version} is broken "
        f"at {hook}: {cause}. Remedy: {remedy}, or uninstall it."
    )
