"""To which values a benchmark applies, and where a value stands against it."""

from dataclasses import replace
from typing import Any

import pytest

from engage_server.sdk import Benchmark, Cadence, Standing
from engage_server.sdk.benchmarks import Compared
from engage_server.tenancy.models import Tenant

CHURN = Benchmark("5 to 7 % a year is acceptable.", "R38", low=5, high=7)
VALUE = Compared(cadence="DAILY", unit="%", metric_unit="%")


def test_the_cadences_are_those_that_a_tenant_may_have() -> None:
    assert [*Cadence] == Tenant.Cadence.values


@pytest.mark.parametrize(
    ("value", "standing"),
    [(4.99, "BELOW"), (5, "WITHIN"), (6, "WITHIN"), (7, "WITHIN"), (7.01, "ABOVE"), (None, None)],
)
def test_both_bounds_belong_to_the_benchmark(value: float | None, standing: str | None) -> None:
    assert CHURN.standing(value) == standing


def test_one_bound_alone_leaves_the_other_side_open() -> None:
    assert replace(CHURN, high=None).standing(1e9) is Standing.WITHIN
    assert replace(CHURN, low=None).standing(-1e9) is Standing.WITHIN


def test_a_claim_without_bounds_places_no_value() -> None:
    assert Benchmark("Engaged companies have 63 % less churn.", "R26").standing(5) is None


@pytest.mark.parametrize(
    ("said_of", "value", "fits"),
    [
        ({}, {}, True),
        ({"cadences": (Cadence.DAILY,)}, {}, True),
        ({"cadences": (Cadence.WEEKLY, Cadence.MONTHLY)}, {}, False),
        ({"accounts": {"stage": ("TRIAL",)}}, {}, False),
        ({"accounts": {"stage": ("TRIAL", "LEAD")}}, {"attributes": {"stage": "LEAD"}}, True),
        (
            {"accounts": {"stage": ("LEAD",), "industry": ("Pharma",)}},
            {"attributes": {"stage": "LEAD"}},
            False,
        ),
        ({"details": {"period": "YEAR"}}, {"details": {"period": "MONTH"}}, False),
        ({"details": {"period": "YEAR"}}, {"details": {"period": "YEAR", "n": 3}}, True),
        ({}, {"unit": "points"}, False),
        ({"unit": "points"}, {"unit": "points"}, True),
        ({"unit": "points"}, {}, False),
    ],
)
def test_it_applies_by_cadence_account_details_and_unit(
    said_of: dict[str, Any], value: dict[str, Any], fits: bool
) -> None:
    assert replace(CHURN, **said_of).fits(replace(VALUE, **value)) is fits


@pytest.mark.parametrize(
    ("details", "standing"),
    [({"yearly": 0.06}, "WITHIN"), ({"yearly": 0.2}, "ABOVE"), ({"yearly": None}, None), ({}, None)],
)
def test_bounds_may_be_about_a_figure_of_the_details(details: dict[str, Any], standing: str | None) -> None:
    yearly = replace(CHURN, low=0.05, high=0.07, figure="yearly")
    assert yearly.fits(replace(VALUE, unit="points", details=details))
    assert yearly.standing(yearly.compared(0.5, details)) == standing
    assert yearly.compared(None, details) is None


@pytest.mark.parametrize("published", ["16", "2016-13", "2016-05-32", "May 2016"])
def test_a_day_that_is_none_is_refused(published: str) -> None:
    with pytest.raises(ValueError, match="Remedy"):
        replace(CHURN, published=published)


def test_bounds_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="low is at most high"):
        replace(CHURN, low=8)
