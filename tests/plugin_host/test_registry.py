"""Every way a plugin can be broken is reported under its name; none is silently absent."""

import types
from collections.abc import Callable

import pytest
from django.core.checks import run_checks

from engage_server.plugin_host import checks as plugin_checks
from engage_server.plugin_host.exceptions import ClashError, UnknownPluginError
from engage_server.plugin_host.registry import (
    Candidate,
    Registry,
    build_registry,
    computing_order,
    installed_candidates,
    registry,
)
from engage_server.sdk import (
    Card,
    Direction,
    GraphQLContribution,
    Manifest,
    Metric,
    MetricValues,
    PluginConfig,
    hookimpl,
)


class Empty(PluginConfig):
    """No setting."""


class Demanding(PluginConfig):
    """A setting without a default."""

    needed: int


def manifest(plugin_id: str = "probe", **changes) -> Manifest:
    card = Card(formula="1", source="test", edge_rules=("none",))
    metric = Metric(id="one", title="One", unit="", direction=Direction.UP, subjects=("tenant",), card=card)
    values = {
        "id": plugin_id, "sdk": ">=1,<2", "title": plugin_id, "config": Empty, "metrics": (metric,), "inputs": {},
    }  # fmt: skip
    return Manifest(**{**values, **changes})


def module(**hooks: Callable) -> types.ModuleType:
    made = types.ModuleType("probe_plugin")
    for name, function in hooks.items():
        function.__name__ = name
        setattr(made, name, hookimpl(function))
    return made


def sound(plugin_id: str = "probe", **changes) -> types.ModuleType:
    return module(engage_manifest=lambda: manifest(plugin_id, **changes), engage_compute=lambda request: [])


def build(*plugins: object) -> Registry:
    def loader(plugin: object) -> Callable[[], object]:
        def load() -> object:
            if isinstance(plugin, Exception):
                raise plugin
            return plugin

        return load

    return build_registry(
        Candidate(f"probe{n}", f"engage-probe{n}", "1.2.3", loader(plugin))
        for n, plugin in enumerate(plugins)
    )


def typo() -> types.ModuleType:
    plugin = sound()
    plugin.engage_compte = hookimpl(lambda request: [])
    return plugin


def stranger_argument() -> types.ModuleType:
    return module(engage_manifest=manifest, engage_compute=lambda request, tenant: [])


BROKEN = {
    "raises at import": (ImportError("no module named left_pad"), "import", "left_pad"),
    "misspelt hook": (typo(), "registration", "engage_compte"),
    "argument the hook does not have": (stranger_argument(), "registration", "tenant"),
    "no manifest": (module(engage_compute=lambda request: []), "engage_manifest", "missing"),
    "no compute": (module(engage_manifest=manifest), "engage_compute", "missing"),
    "manifest of another type": (
        module(engage_manifest=lambda: {"id": "x"}, engage_compute=lambda request: []),
        "engage_manifest",
        "dict",
    ),
    "manifest raises": (
        module(engage_manifest=lambda: 1 / 0, engage_compute=lambda request: []),
        "engage_manifest",
        "ZeroDivisionError",
    ),
    "configuration without defaults": (sound(config=Demanding), "engage_manifest", "needed"),
    "SDK of another age": (sound(sdk=">=7"), "engage_manifest", "needs the SDK >=7"),
    "SDK range that is none": (sound(sdk="newest"), "engage_manifest", "no version range"),
    "bad id": (sound(plugin_id="Probe!"), "engage_manifest", "Probe!"),
    "no metric": (sound(metrics=()), "engage_manifest", "no metric"),
    "contribution of another type": (
        module(
            engage_manifest=manifest,
            engage_compute=lambda request: [],
            engage_graphql=lambda: "type Query",
        ),
        "engage_graphql",
        "str",
    ),
}


@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_plugin_is_named_with_distribution_hook_and_cause_while_the_sound_one_runs(way):
    plugin, hook, cause = BROKEN[way]
    built = build(plugin, sound("healthy"))
    assert set(built.plugins) == {"healthy"}
    reason = built.broken["probe0"]
    for part in ("'probe0'", "engage-probe0 1.2.3", hook, cause, "Remedy:"):
        assert part in reason
    with pytest.raises(UnknownPluginError, match="engage-probe0"):
        built.get("probe0")


def test_a_broken_plugin_fails_the_system_check(monkeypatch):
    monkeypatch.setattr(plugin_checks, "registry", lambda: build(ImportError("left_pad")))
    assert [m.id for m in run_checks() if "left_pad" in m.msg] == ["plugin_host.E001"]


def test_two_plugins_of_one_id_stop_the_start_and_both_owners_are_named():
    with pytest.raises(ClashError, match=r"engage-probe0.*engage-probe1"):
        build(sound("same"), sound("same"))


def test_metrics_that_wait_for_each_other_stop_the_start():
    one = sound("one", inputs={"x": MetricValues(metrics=("two.one",))})
    two = sound("two", inputs={"x": MetricValues(metrics=("one.one",))})
    with pytest.raises(ClashError, match="one, two"):
        build(one, two)


def test_what_is_needed_is_computed_first():
    needs = {"c": frozenset({"a", "gone"}), "a": frozenset({"b"}), "b": frozenset()}
    assert computing_order(needs) == ["b", "a", "c"]


def test_the_registry_is_frozen():
    with pytest.raises(TypeError):
        build(sound()).plugins["late"] = None


def test_an_unknown_metric_is_answered_with_the_known_ones():
    with pytest.raises(UnknownPluginError, match=r"Known metrics: probe\.one"):
        build(sound()).metric("probe.two")


def test_a_contribution_is_optional():
    assert build(sound()).plugins["probe"].contribution is None
    with_fields = sound()
    contribution = GraphQLContribution()
    with_fields.engage_graphql = hookimpl(lambda: contribution)
    with_fields.engage_graphql.__name__ = "engage_graphql"
    assert build(with_fields).plugins["probe"].contribution is contribution


def test_the_first_party_plugins_are_installed_and_sound():
    installed = {candidate.name for candidate in installed_candidates()}
    assert installed >= {"nps", "ces", "adoption", "license_utilization", "health_score"}
    assert set(registry().plugins) == installed
    assert not registry().broken
