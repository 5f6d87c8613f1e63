"""Loads one plugin and checks what it declares. Knows neither settings nor database: foreign processes use it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pluggy
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from engage_server import sdk
from engage_server.plugin_host.exceptions import BrokenPluginError
from engage_server.plugin_host.isolation.described import type_problems
from engage_server.sdk import Dataset, GraphQLContribution, InputSpec, Manifest, Metric, hookspecs
from engage_server.sdk.contract import manifest_problems

ENTRY_POINT_GROUP: Final = "engage.plugins"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A sound plugin. ``compute`` is its hook, to be called under guard only."""

    manifest: Manifest
    distribution: str
    version: str
    compute: Callable[..., Any]
    contribution: GraphQLContribution | None
    compute_days: Callable[..., Any] | None = None
    """Its hook for many days at once, where it has one; under guard only, too."""
    entry: str = ""
    """Name of its entry point; empty where it did not come from one."""
    foreign: bool = False
    """Whether it runs in processes of its own only, and nothing of it is imported here."""

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
    return required_plugins(manifest.id, manifest.inputs_for(config))


def required_plugins(plugin_id: str, inputs: Mapping[str, InputSpec]) -> frozenset[str]:
    """Ids of the other plugins whose metrics some inputs ask for."""
    # What lies before the computed day is there whoever is computed first.
    reads = [
        read
        for spec in inputs.values()
        for read in spec.reads
        if read.dataset is Dataset.METRIC_VALUES and not read.ends_before
    ]
    return frozenset().union(*(read.plugins for read in reads if read.plugins)) - {plugin_id}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that claims to be a plugin: a name, where it comes from, and how to load it."""

    name: str
    distribution: str
    version: str
    load: Callable[[], object]
    foreign: bool = False


def load(candidate: Candidate) -> Plugin:
    """Import a candidate and check all that it declares.

    Raises:
        BrokenPluginError: says distribution, hook, cause and remedy.
    """
    module = _guarded(candidate, "import", candidate.load)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, name=candidate.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise broken(
            candidate, "registration", f"{error}", "compare the hook's name and arguments with hookspecs"
        ) from error
    hooks = {
        name: _implementation(manager, name)
        for name in ("engage_manifest", "engage_compute", "engage_compute_days", "engage_graphql")
    }
    if hooks["engage_manifest"] is None or hooks["engage_compute"] is None:
        missing = "engage_manifest" if hooks["engage_manifest"] is None else "engage_compute"
        raise broken(candidate, missing, "the hook is missing", "define it with @hookimpl")
    manifest = _guarded(candidate, "engage_manifest", hooks["engage_manifest"])
    manifest = check_manifest(candidate, manifest)
    contribution = None
    if hooks["engage_graphql"] is not None:
        contribution = _guarded(candidate, "engage_graphql", hooks["engage_graphql"])
        if not isinstance(contribution, GraphQLContribution):
            raise broken(
                candidate,
                "engage_graphql",
                f"returned {type(contribution).__name__}",
                "return a GraphQLContribution",
            )
    return Plugin(
        manifest=manifest,
        distribution=candidate.distribution,
        version=candidate.version,
        compute=hooks["engage_compute"],
        contribution=contribution,
        compute_days=hooks["engage_compute_days"],
        entry=candidate.name,
    )


def check_manifest(candidate: Candidate, manifest: object) -> Manifest:
    """The manifest, where it keeps the contract.

    Raises:
        BrokenPluginError: says what is wrong with it.
    """
    if not isinstance(manifest, Manifest):
        raise broken(candidate, "engage_manifest", f"returned {type(manifest).__name__}", "return a Manifest")

    def refuse(find: Callable[[], Iterable[str]]) -> None:
        problems = _guarded(candidate, "engage_manifest", lambda: list(find()))
        if problems:
            raise broken(candidate, "engage_manifest", " ".join(problems), "correct the manifest")

    refuse(lambda: type_problems(manifest))
    try:
        fits = sdk.__version__ in SpecifierSet(manifest.sdk)
    except InvalidSpecifier:
        raise broken(
            candidate,
            "engage_manifest",
            f"{manifest.sdk!r} is no version range",
            "write one such as '>=2,<3'",
        ) from None
    if not fits:
        raise broken(
            candidate,
            "engage_manifest",
            f"it needs the SDK {manifest.sdk} and this is {sdk.__version__}",
            "install a release of the plugin or of the server that fits",
        )
    refuse(lambda: manifest_problems(manifest))
    return manifest


def _implementation(manager: pluggy.PluginManager, hook: str) -> Callable[..., Any] | None:
    implementations = getattr(manager.hook, hook).get_hookimpls()
    return implementations[0].function if implementations else None


def _guarded(candidate: Candidate, hook: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except BrokenPluginError:
        raise
    except (Exception, SystemExit) as error:  # whatever foreign code raises is reported under its name
        raise broken(
            candidate, hook, f"{type(error).__name__}: {error}", "see the plugin's own documentation"
        ) from error


def fault(plugin: Plugin, hook: str, cause: str, remedy: str) -> str:
    """The sentence that says of a loaded plugin why it is put aside."""
    return str(broken(Candidate(plugin.id, plugin.distribution, plugin.version, object), hook, cause, remedy))


def broken(candidate: Candidate, hook: str, cause: str, remedy: str) -> BrokenPluginError:
    """The error that says of a candidate what is wrong with it, where, and what to do."""
    return BrokenPluginError(
        f"The plugin {candidate.name!r} of the distribution {candidate.distribution} {candidate.version} is broken "
        f"at {hook}: {cause.rstrip('.')}. Remedy: {remedy}, or uninstall it."
    )
