"""Lost customers: who counts, from which day on, why, over a year, and how sure."""

from datetime import date
from typing import Any

import pytest
from engage_churn.card import TEN, terms
from engage_churn.config import ChurnConfig
from engage_churn.plugin import plugin
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, Measurement, Status
from engage_server.sdk.testing import request_for

Rows = list[dict[str, Any]]


def logo(subscriptions: Rows, *, day: date = date(2026, 6, 30), **config: Any) -> Measurement:
    rows = {"subscriptions": subscriptions}
    request = request_for(plugin.engage_manifest(), rows, config=ChurnConfig(**config), day=day)
    return next(
        one for one in plugin.engage_compute(request) if (one.metric, one.subject) == ("logo", TENANT)
    )


def test_the_denominator_is_frozen_at_the_start_of_the_period() -> None:
    joined = [terms("5", "2026-06-03", account=one) for one in range(20, 30)]
    one = logo([*TEN, *joined])
    assert (one.value, one.n, one.details.joined, one.details.end) == (10, 10, 10, 19)


def test_a_year_compounds_what_a_month_loses() -> None:
    assert logo(TEN).details.yearly == pytest.approx(1 - 0.9**12)
    quarter = logo(TEN, period="quarter")
    assert (quarter.value, quarter.details.yearly) == (10, pytest.approx(1 - 0.9**4))
    assert (
        logo(TEN, period="year").status is Status.NO_DATA
    )  # they began on 1 January, and nobody was there before


def test_one_percent_a_month_is_more_than_the_yearly_claim_calls_acceptable() -> None:
    hundred = [
        terms("1", "2026-01-01", "2026-06-15" if one == 1 else None, account=one) for one in range(1, 101)
    ]
    assert logo(hundred).details.yearly == pytest.approx(0.1136, abs=1e-4)


@pytest.mark.parametrize(("counted", "value"), [(False, 10), (True, 20)])
def test_who_joins_and_leaves_inside_the_period_is_told_beside_and_counted_on_demand(
    counted: bool, value: float
) -> None:
    inside = terms("5", "2026-06-05", "2026-06-20", account=11)
    one = logo([*TEN, inside], count_joined_and_left=counted)
    assert (one.value, one.details.joined_and_left) == (value, 1)
    assert (one.details.rate, one.details.rate_with_joined_and_left) == (0.1, 0.2)


def test_who_comes_back_inside_the_period_was_not_lost() -> None:
    one = logo([*TEN, terms("10", "2026-06-25")])
    assert (one.value, one.details.lost, one.details.returned, one.details.joined_and_left) == (0, 0, 1, 0)


def test_recognition_decides_in_which_month_somebody_is_lost() -> None:
    rows = [
        *TEN[1:],
        terms("10", "2026-01-01", "2026-06-15"),
        terms("10", "2026-06-15", "2026-07-15", status="non_renewing"),
    ]
    july = date(2026, 7, 31)
    assert [logo(rows).value, logo(rows, day=july).value] == [0, 10]
    by_notice: dict[str, Any] = {"recognition": "cancellation"}
    assert [logo(rows, **by_notice).value, logo(rows, day=july, **by_notice).value] == [10, 0]


def test_trials_and_free_plans_are_no_customers() -> None:
    trial = terms("10", "2026-01-01", "2026-06-15", account=21, is_paid=False)
    free = terms("0", "2026-01-01", "2026-06-15", account=22)
    assert logo([*TEN, trial, free]).n == 10
    assert logo([trial]).status is Status.NO_DATA


def test_the_reasons_of_the_lost_are_told_and_explain_the_value() -> None:
    rows = [
        terms("10", "2026-01-01", "2026-06-15", account=1, cancel_reason="price"),
        terms("10", "2026-01-01", "2026-06-10", account=2, subscription="old", cancel_reason="bundled"),
        terms("30", "2026-01-01", "2026-06-20", account=2, subscription="new", cancel_reason="price"),
        terms("10", "2026-01-01", "2026-06-20", account=3),
        terms("10", "2026-01-01", account=4, cancel_reason="taken back"),
    ]
    one = logo(rows)
    assert [(why.reason, why.accounts, why.amount) for why in one.details.reasons] == [
        ("price", 2, 50),
        ("", 1, 10),
    ]
    assert one.value == 75
    assert {part.key: part.points for part in one.contributions} == {"reason.price": 50, "reason": 25}


@pytest.mark.parametrize(("lost", "start"), [(0, 7), (3, 40), (12, 12), (1, 500)])
def test_the_interval_is_wilsons(lost: int, start: int) -> None:
    rows = [
        terms("1", "2026-01-01", "2026-06-15" if one < lost else None, account=one + 1)
        for one in range(start)
    ]
    interval = logo(rows, confidence=0.9).interval
    assert interval is not None
    expected = proportion_confint(lost, start, alpha=0.1, method="wilson")
    assert (interval.low, interval.high) == pytest.approx([100 * bound for bound in expected], abs=1e-9)


def test_losing_more_than_there_were_has_no_interval() -> None:
    rows = [
        terms("1", "2026-01-01"),
        *(terms("1", "2026-06-02", "2026-06-09", account=one) for one in (2, 3)),
    ]
    one = logo(rows, count_joined_and_left=True)
    assert (one.value, one.interval, one.details.yearly) == (200, None, None)


def test_the_card_says_what_each_of_the_contradicting_claims_applies_to() -> None:
    (metric,) = (one for one in plugin.engage_manifest().metrics if one.id == "logo")
    yearly, monthly, first_month = metric.card.benchmarks
    assert (yearly.low, yearly.high, yearly.figure) == (0.05, 0.07, "yearly")
    assert "a year" in yearly.applies_to
    assert (monthly.high, monthly.figure) == (1 - 0.99**12, "yearly")
    assert "a month" in monthly.applies_to
    assert "first month" in first_month.applies_to
    # It is said of users who stay: no number of churn stands against it.
    assert (first_month.low, first_month.high) == (None, None)
    assert not any(one.verified for one in metric.card.benchmarks)
