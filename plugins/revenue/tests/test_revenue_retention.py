"""Gross and net retention: the closed cohort, the published variants and the bridge."""

from datetime import date
from typing import Any

import pytest
from engage_revenue.cards.rows import MOVES, terms
from engage_revenue.config import RevenueConfig
from engage_revenue.plugin import plugin

from engage_server.sdk import TENANT, Measurement, Status
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import request_for


def retained(metric: str, subscriptions: list[dict[str, Any]], **config: Any) -> Measurement:
    rows = {"subscriptions": subscriptions}
    request = request_for(
        plugin.engage_manifest(), rows, config=RevenueConfig(**config), day=date(2026, 6, 30)
    )
    return next(
        one for one in plugin.engage_compute(request) if (one.metric, one.subject) == (metric, TENANT)
    )


def variants(measurement: Measurement) -> dict[tuple[str, int], tuple[Any, Any]]:
    return {(one.variant, one.months): (one.gross, one.net) for one in measurement.details.variants}


def test_the_bridge_leads_from_the_cohorts_start_to_its_end() -> None:
    details = retained("nrr", [*MOVES]).details
    assert (details.start, details.expanded, details.contracted, details.lost, details.end) == (
        100,
        10,
        -10,
        -10,
        90,
    )
    assert details.new_logos == 30


@pytest.mark.parametrize(("metric", "value"), [("grr", 80), ("nrr", 90)])
def test_the_parts_add_up_to_the_value(metric: str, value: float) -> None:
    one = retained(metric, [*MOVES])
    assert one.value == value
    assert sum(float(part.points or 0) for part in one.contributions) == pytest.approx(value)


def test_the_published_variants_stand_side_by_side() -> None:
    # 50 leave and come back, 50 shrink to 20 and grow to 60; a new account of 30 grows by 10.
    rows = [
        terms("a", "50", "2026-01-01", "2026-06-05"),
        terms("a", "50", "2026-06-20"),
        terms("b", "50", "2026-01-01", "2026-06-05", account=2),
        terms("b", "20", "2026-06-05", "2026-06-20", account=2),
        terms("b", "60", "2026-06-20", account=2),
        terms("c", "30", "2026-06-05", "2026-06-20", account=3),
        terms("c", "40", "2026-06-20", account=3),
    ]
    found = variants(retained("nrr", rows))
    assert found["cohort", 1] == (1, 1.1)
    assert found["movements", 1] == (0.2, pytest.approx(0.7))
    assert found["movements_with_reactivation", 1] == (0.2, pytest.approx(1.2))


def test_the_trailing_year_is_another_cohort() -> None:
    rows = [terms("a", "10", "2025-01-01", "2026-03-01"), terms("b", "30", "2025-01-01", account=2)]
    found = variants(retained("grr", rows))
    assert (found["cohort", 1], found["cohort", 12]) == ((1, 1), (0.75, 0.75))
    assert ("cohort", 1) not in variants(retained("grr", rows, period="year"))


@pytest.mark.parametrize("period", ["month", "quarter", "year"])
@pytest.mark.parametrize(("metric", "yearly", "standing"), [("grr", 75, "BELOW"), ("nrr", 105, "WITHIN")])
def test_benchmarks_of_a_year_are_held_against_the_trailing_year(
    metric: str, yearly: float, standing: str, period: str
) -> None:
    rows = [
        terms("a", "10", "2025-01-01", "2026-03-01"),
        terms("b", "30", "2025-01-01", "2026-03-01", account=2),
        terms("b", "42", "2026-03-01", account=2),
    ]
    one = retained(metric, rows, period=period)
    (benchmark,) = next(
        found for found in plugin.engage_manifest().metrics if found.id == metric
    ).card.benchmarks
    compared = benchmark.compared(float(one.value or 0), encoded(one.details))
    assert compared == pytest.approx(yearly)
    assert benchmark.standing(compared) == standing


def test_before_a_year_is_over_there_is_nothing_to_hold_a_years_benchmark_against() -> None:
    details = retained("grr", [*MOVES]).details
    assert (details.yearly_gross, details.yearly_net) == (None, None)


def test_nothing_at_the_start_is_no_data() -> None:
    one = retained("nrr", [terms("a", "10", "2026-06-02")])
    assert (one.value, one.status, one.n, one.details.new_logos) == (None, Status.NO_DATA, 0, 10)


def test_who_leaves_entirely_takes_both_to_0() -> None:
    rows = [terms("a", "10", "2026-01-01", "2026-06-30")]
    assert retained("grr", rows).value == retained("nrr", rows).value == 0
