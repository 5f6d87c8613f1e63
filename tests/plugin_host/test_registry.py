"""Every way a plugin can be broken is reported under its name; none is silently absent."""

import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest
from django.core.checks import run_checks
from pydantic import Field

from engage_server.engine.plugin_examination import unrunnable
from engage_server.plugin_host import checks as plugin_checks
from engage_server.plugin_host.exceptions import UnknownPluginError
from engage_server.plugin_host.registry import (
    Candidate,
    Examination,
    Registry,
    build_registry,
    computing_order,
    installed_candidates,
    registry,
)
from engage_server.sdk import (
    Card,
    Dataset,
    Direction,
    GraphQLContribution,
    InputSpec,
    Manifest,
    Metric,
    MetricValues,
    PersonDays,
    PluginConfig,
    Read,
    hookimpl,
)
from tests.plugin_host.installing import distribution


class Empty(PluginConfig):
    """No setting."""


class Demanding(PluginConfig):
    """A setting without a default."""

    needed: int


def manifest(plugin_id: str = "probe", **changes) -> Manifest:
    card = Card(formula="1", source="test", edge_rules=("none",))
    metric = Metric(id="one", title="One", unit="", direction=Direction.UP, subjects=("tenant",), card=card)
    values = {
        "id": plugin_id, "sdk": ">=2,<3", "title": plugin_id, "config": Empty, "metrics": (metric,), "inputs": {},
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


def build(*plugins: object, examinations: Iterable[Examination] = ()) -> Registry:
    def loader(plugin: object) -> Callable[[], object]:
        def load() -> object:
            if isinstance(plugin, Exception):
                raise plugin
            return plugin

        return load

    candidates = [
        Candidate(f"probe{n}", f"engage-probe{n}", "1.2.3", loader(plugin))
        for n, plugin in enumerate(plugins)
    ]
    return build_registry(candidates, examinations=examinations)


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
    "a schedule of another type": (sound(schedule=5), "engage_manifest", "Manifest.schedule of 'probe' is 5"),
    "a title of another type": (sound(title=None), "engage_manifest", "Manifest.title"),
    "an SDK range of another type": (sound(sdk=2), "engage_manifest", "sdk"),
    "inputs that are none": (sound(inputs=None), "engage_manifest", "AttributeError"),
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


def test_a_broken_plugin_is_a_warning_of_the_system_check_that_stops_no_command(monkeypatch):
    monkeypatch.setattr(plugin_checks, "registry", lambda: build(ImportError("left_pad")))
    (found,) = [message for message in run_checks() if "left_pad" in message.msg]
    assert (found.id, found.is_serious()) == ("plugin_host.W001", False)


def test_of_two_plugins_of_one_id_the_newcomer_is_put_aside_and_both_owners_are_named():
    built = build(sound("same"), sound("same"), sound("other"))
    assert built.plugins["same"].distribution == "engage-probe0"
    assert set(built.plugins) == {"same", "other"}
    assert "engage-probe0" in built.broken["probe1"]
    assert "engage-probe1" in built.broken["probe1"]


def test_of_two_that_wait_for_each_other_the_newcomer_is_put_aside():
    one = sound("one", inputs={"x": MetricValues(metrics=("two.one",))})
    two = sound("two", inputs={"x": MetricValues(metrics=("one.one",))})
    built = build(one, two)
    assert set(built.plugins) == {"one"}
    assert "one, two" in built.broken["probe1"]


@dataclass(frozen=True, slots=True)
class OwnInput(InputSpec):
    """What no server answers."""

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.EVENTS),)


class Mistyped(PluginConfig):
    """A default of another type."""

    days: int = Field("seven", description="Length of the window.")


UNRUNNABLE = {
    "a default schedule that is none": (sound(schedule="every day"), "five fields"),
    "a default schedule that never fires": (sound(schedule="0 0 30 2 *"), "Bad day-of-month"),
    "a default of another type": (sound(config=Mistyped), "valid integer"),
    "no day at all": (sound(inputs={"x": PersonDays(days=0)}), "reads 0 days"),
    "days in words": (sound(inputs={"x": PersonDays(days="seven")}), "PersonDays declares"),
    "an input class of its own": (sound(inputs={"x": OwnInput()}), "OwnInput, which this server cannot answer"),
    "a metric without its plugin": (sound(inputs={"x": MetricValues(metrics=("score",))}), "'score', which is none"),
    "a misspelt metric of an installed plugin": (
        sound(inputs={"x": MetricValues(metrics=("healthy.score",))}),
        "'healthy.score', which is none (known: healthy.one)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", UNRUNNABLE)
def test_what_could_never_run_is_put_aside_at_the_start(way):
    plugin, cause = UNRUNNABLE[way]
    built = build(plugin, sound("healthy"), examinations=[unrunnable])
    assert set(built.plugins) == {"healthy"}
    (reason,) = built.broken.values()
    for part in ("'probe", "engage-probe0 1.2.3", cause, "Remedy:"):
        assert part in reason


def test_trusted_plugins_come_first_whatever_the_others_are_called(tmp_path, monkeypatch):
    distribution(tmp_path, name="aaa-foreign", entry="nps", source="raise ImportError")
    monkeypatch.syspath_prepend(str(tmp_path))
    names = [(candidate.name, candidate.distribution) for candidate in installed_candidates()]
    assert names[-1] == ("nps", "aaa-foreign")
    assert ("nps", "engage-nps") in names[:-1]


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
