"""The kit names each fault of a plugin, and nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from pydantic import Field

from engage_server import sdk
from engage_server.sdk import (
    TENANT,
    Accounts,
    Card,
    ComputeRequest,
    Contribution,
    Direction,
    GraphQLContribution,
    Interval,
    Lifecycle,
    Manifest,
    Measurement,
    Metric,
    PluginConfig,
    Seats,
    Status,
    Subject,
    account,
    hookimpl,
)
from engage_server.sdk.testing import conformance_problems, request_for


class Config(PluginConfig):
    days: int = Field(30, description="Length of the window.")


CARD = Card(formula="1", source="ours", edge_rules=("None: it is always 1.",))
METRIC = Metric(
    id="one", title="One", unit="", direction=Direction.UP, subjects=("tenant", "account"), card=CARD
)
MANIFEST = Manifest(
    id="faulty",
    sdk=">=2,<3",
    title="Faulty",
    config=Config,
    metrics=(METRIC,),
    inputs={"seats": Seats(), "accounts": Accounts()},
)
ONE = Measurement(metric="one", subject=TENANT, value=1, n=1)


@dataclass(frozen=True, slots=True)
class Share:
    """The details of the metric, where a test declares some."""

    share: float


# What no type checker would let pass.
TEXT: Any = "1"
PARTS: Any = [1, 2]
SIDEWAYS: Any = "SIDEWAYS"
THREE: Any = 3
PAIR: Any = (0, 1)


def plugin_of(
    *,
    manifest: Any = MANIFEST,
    compute: Callable[[ComputeRequest[Config]], Any] = lambda request: [ONE],
    graphql: Callable[[], Any] = GraphQLContribution,
    **more: Any,
) -> SimpleNamespace:
    """A plugin without a fault, except for what the arguments replace."""

    @hookimpl
    def engage_manifest() -> Any:
        return manifest

    @hookimpl
    def engage_compute(request: ComputeRequest[Config]) -> Any:
        return compute(request)

    @hookimpl
    def engage_graphql() -> Any:
        return graphql()

    hooks = {
        "engage_manifest": engage_manifest,
        "engage_compute": engage_compute,
        "engage_graphql": engage_graphql,
    }
    return SimpleNamespace(**{name: hook for name, hook in (hooks | more).items() if hook is not None})


def faults(measurement: Any) -> list[str]:
    return conformance_problems(plugin_of(compute=lambda request: [measurement]))


def only(problems: list[str]) -> str:
    (problem,) = problems
    return problem


def test_a_plugin_without_fault_has_no_problem() -> None:
    assert conformance_problems(plugin_of()) == []


def test_hooks_that_are_generators_or_renamed_are_no_fault() -> None:
    def stream(request: ComputeRequest[Config]) -> Iterable[Measurement]:
        yield ONE

    @hookimpl(specname="engage_compute")
    def measure(request: ComputeRequest[Config]) -> list[Measurement]:
        return [ONE]

    assert conformance_problems(plugin_of(compute=stream)) == []
    assert conformance_problems(plugin_of(engage_compute=None, measure=measure)) == []


def test_a_plugin_without_graphql_is_no_fault() -> None:
    assert conformance_problems(plugin_of(engage_graphql=None)) == []


# Hooks


def test_a_misspelt_hook_is_named() -> None:
    @hookimpl
    def engage_compuet(request: ComputeRequest[Config]) -> list[Measurement]:
        return [ONE]

    assert "engage_compuet" in only(conformance_problems(plugin_of(engage_compuet=engage_compuet)))


def test_a_misspelt_argument_is_named() -> None:
    @hookimpl
    def engage_compute(reqest: ComputeRequest[Config]) -> list[Measurement]:
        return [ONE]

    assert "reqest" in only(conformance_problems(plugin_of(engage_compute=engage_compute)))


@pytest.mark.parametrize("missing", ["engage_manifest", "engage_compute"])
def test_a_missing_hook_is_named(missing: str) -> None:
    without: dict[str, Any] = {missing: None}
    assert missing in only(conformance_problems(plugin_of(**without)))


@pytest.mark.parametrize(
    ("name", "function"), [("engage_manifest", lambda: MANIFEST), ("engage_compute", lambda request: [ONE])]
)
def test_a_hook_without_its_mark_is_as_good_as_missing(name: str, function: Callable[..., Any]) -> None:
    problem = only(conformance_problems(plugin_of(**{name: function})))
    assert name in problem
    assert "@hookimpl" in problem


# Manifest


@pytest.mark.parametrize("manifest", [None, {"id": "faulty"}])
def test_a_manifest_of_another_type_is_refused(manifest: object) -> None:
    assert "must return a Manifest" in only(conformance_problems(plugin_of(manifest=manifest)))


@dataclass(frozen=True)
class NotASpecification:
    days: int = 1


class Undescribed(PluginConfig):
    days: int = 30


class WithoutDefault(PluginConfig):
    days: int = Field(description="Length of the window.")


class NoPluginConfig:
    pass


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "Faulty"}, "plugin id 'Faulty' must be lower-case"),
        ({"metrics": ()}, "declares no metric"),
        ({"metrics": (replace(METRIC, id="The One"),)}, "metric id 'The One' must be lower-case"),
        ({"metrics": (METRIC, METRIC)}, "declares the metric 'one' twice"),
        ({"metrics": (replace(METRIC, subjects=("planet",)),)}, "has subjects ('planet',)"),
        ({"metrics": (replace(METRIC, subjects=()),)}, "has subjects ()"),
        ({"metrics": (replace(METRIC, card=replace(CARD, formula="")),)}, "needs a formula"),
        ({"metrics": (replace(METRIC, card=replace(CARD, source="")),)}, "and its source"),
        ({"metrics": (replace(METRIC, card=replace(CARD, edge_rules=())),)}, "names no edge rule"),
        ({"config": Undescribed}, "faulty.days has no description"),
        ({"config": WithoutDefault}, "has no valid defaults"),
        ({"config": NoPluginConfig}, "is no PluginConfig"),
        ({"inputs": {"seats": NotASpecification()}}, "NotASpecification, not an input specification"),
    ],
)
def test_a_fault_of_the_manifest_is_named(change: dict[str, Any], sentence: str) -> None:
    assert sentence in only(conformance_problems(plugin_of(manifest=replace(MANIFEST, **change))))


# GraphQL


def test_a_contribution_of_another_type_is_refused() -> None:
    assert "returned dict" in only(conformance_problems(plugin_of(graphql=dict)))


@pytest.mark.parametrize("role", ["query", "account"])
def test_a_class_that_is_no_strawberry_type_is_named(role: str) -> None:
    fields: dict[str, Any] = {role: NoPluginConfig}
    faulty = plugin_of(graphql=lambda: GraphQLContribution(**fields))
    assert "NoPluginConfig" in only(conformance_problems(faulty))


def test_a_strawberry_type_is_no_fault() -> None:
    @strawberry.type
    class FaultyQuery:
        one: int

    assert conformance_problems(plugin_of(graphql=lambda: GraphQLContribution(query=FaultyQuery))) == []


# Measurements


def test_none_instead_of_measurements_is_refused() -> None:
    assert "returned None" in only(conformance_problems(plugin_of(compute=lambda request: None)))


def test_no_measurement_at_all_is_no_fault() -> None:
    assert conformance_problems(plugin_of(compute=lambda request: [])) == []


def test_an_impure_computation_is_found() -> None:
    calls = count()
    impure = plugin_of(compute=lambda request: [replace(ONE, value=next(calls))])
    assert "is not pure" in only(conformance_problems(impure))


def test_a_subject_measured_twice_is_found() -> None:
    assert "measured twice" in only(conformance_problems(plugin_of(compute=lambda request: [ONE, ONE])))


@pytest.mark.parametrize(
    ("measurement", "sentence"),
    [
        ("1", "returned str instead of a Measurement"),
        (replace(ONE, metric="two"), "declares no such metric"),
        (replace(ONE, subject=Subject("feature", 3)), "for tenant, account only"),
        (replace(ONE, subject=Subject("tenant", 3)), "the tenant's id is 0"),
        (replace(ONE, value=float("nan")), "nan is no number"),
        (replace(ONE, value=float("inf")), "inf is no number"),
        (replace(ONE, value=TEXT), "1 is no number"),
        (replace(ONE, value=None), "does not go with the status OK"),
        (replace(ONE, status=Status.NO_DATA), "does not go with the status NO_DATA"),
        (replace(ONE, status=Status.SUPPRESSED), "does not go with the status SUPPRESSED"),
        (replace(ONE, n=-1), "sample size -1 is negative"),
        (replace(ONE, details={"parts": PARTS}), "detail 'parts' is [1, 2]"),
        (replace(ONE, details={"share": float("nan")}), "detail 'share' is nan"),
        (replace(ONE, direction=SIDEWAYS), "its direction is 'SIDEWAYS'"),
        (replace(ONE, direction=Direction.VARIES), "not UP, DOWN or TARGET"),
        (replace(ONE, unit=THREE), "its unit is 3"),
        (replace(ONE, normalised=float("inf")), "normalised value is inf"),
        (replace(ONE, interval=PAIR), "its interval is tuple"),
        (replace(ONE, interval=Interval(2, 1, method="Wald")), "from 2 to 1 is none"),
        (replace(ONE, interval=Interval(0, float("nan"), method="Wald")), "from 0 to nan is none"),
        (replace(ONE, interval=Interval(0, 1)), "lacks a level between 0 and 1, or the name"),
        (replace(ONE, interval=Interval(0, 1, level=1, method="Wald")), "lacks a level"),
        (replace(ONE, details=Share(0.5)), "details are Share and the metric declares none"),
        (replace(ONE, contributions=(Contribution("a", "A", 1, points=0.5),)), "add up to 0.5, not to 1"),
        (
            replace(ONE, contributions=(Contribution("a", "A", 1, points=float("nan")),)),
            "points of contribution 'a' is nan",
        ),
    ],
)
def test_a_fault_of_a_measurement_is_named(measurement: Any, sentence: str) -> None:
    assert sentence in only(faults(measurement))


@pytest.mark.parametrize(
    ("lifecycle", "day"), [(Lifecycle.DEPRECATED, None), (Lifecycle.STABLE, date(2026, 1, 1))]
)
def test_a_plugin_is_deprecated_exactly_from_a_day(lifecycle: Lifecycle, day: date | None) -> None:
    manifest = replace(MANIFEST, lifecycle=lifecycle, deprecated_on=day)
    assert "deprecated_on" in only(conformance_problems(plugin_of(manifest=manifest)))


def test_nan_with_contributions_is_named_and_does_not_stop_the_kit() -> None:
    broken = replace(ONE, value=float("nan"), contributions=(Contribution("a", "A", 1, points=1),))
    assert "nan is no number" in only(faults(broken))


def test_a_fresh_nan_at_each_call_is_a_wrong_value_and_not_impurity() -> None:
    plugin = plugin_of(compute=lambda request: [replace(ONE, value=float("nan"))])
    assert "nan is no number" in only(conformance_problems(plugin))


@pytest.mark.parametrize("value", [None, 1])
def test_an_immature_value_may_be_null_or_a_number(value: int | None) -> None:
    assert faults(replace(ONE, value=value, status=Status.IMMATURE)) == []


def test_contributions_need_not_add_up_where_one_has_no_points() -> None:
    parts = (Contribution("a", "A", 1, points=0.5), Contribution("b", "B", 1))
    assert faults(replace(ONE, contributions=parts)) == []


def test_rounding_in_the_contributions_is_forgiven() -> None:
    parts = tuple(Contribution(key, key, 1, points=1 / 3) for key in "abc")
    assert faults(replace(ONE, contributions=parts)) == []


def test_a_fault_that_only_real_rows_show_is_found_with_a_request_of_ones_own() -> None:
    def compute(request: ComputeRequest[Config]) -> list[Measurement]:
        return [replace(ONE, subject=account(pk), n=-1) for pk in request.inputs["accounts"]["account"]]

    faulty = plugin_of(compute=compute)
    assert conformance_problems(faulty) == []
    request = request_for(MANIFEST, {"accounts": [{"account": 7}]})
    assert "faulty.one of account 7" in only(conformance_problems(faulty, requests=[request]))


def by_seats(request: ComputeRequest[Config]) -> Iterable[Measurement]:
    return [replace(ONE, subject=account(pk)) for pk in request.inputs["seats"]["account"]]


def test_an_account_that_is_measured_only_while_it_has_rows_is_named() -> None:
    faulty = plugin_of(compute=by_seats)
    request = request_for(MANIFEST, {"seats": [{"account": 7}]})
    problem = only(conformance_problems(faulty, requests=[request]))
    assert "faulty.one of account 7" in problem
    assert "last value for today's" in problem
    assert "absent()" in problem


def test_an_absent_account_is_measured() -> None:
    def compute(request: ComputeRequest[Config]) -> Iterable[Measurement]:
        present = set(request.inputs["seats"]["account"])
        yield from by_seats(request)
        yield from (
            sdk.absent("one", account(pk))
            for pk in request.inputs["accounts"]["account"]
            if pk not in present
        )

    request = request_for(MANIFEST, {"seats": [{"account": 7}]})
    assert conformance_problems(plugin_of(compute=compute), requests=[request]) == []


def test_a_plugin_that_asks_for_no_accounts_cannot_measure_those_that_left() -> None:
    manifest = replace(MANIFEST, inputs={"seats": Seats()})
    request = request_for(manifest, {"seats": [{"account": 7}]})
    faulty = plugin_of(manifest=manifest, compute=by_seats)
    assert "Accounts" in only(conformance_problems(faulty, requests=[request]))


def test_a_tenant_that_is_measured_only_while_there_are_rows_is_named() -> None:
    sparse = plugin_of(compute=lambda request: [ONE] if request.inputs["seats"].height else [])
    request = request_for(MANIFEST, {"seats": [{"account": 7}]})
    assert "faulty.one of tenant 0" in only(conformance_problems(sparse, requests=[request]))


def test_a_value_of_a_metric_whose_direction_varies_says_it() -> None:
    manifest = replace(MANIFEST, metrics=(replace(METRIC, direction=Direction.VARIES),))
    silent = plugin_of(manifest=manifest)
    assert "measurement's direction" in only(conformance_problems(silent))
    told = plugin_of(manifest=manifest, compute=lambda request: [replace(ONE, direction=Direction.DOWN)])
    assert conformance_problems(told) == []
