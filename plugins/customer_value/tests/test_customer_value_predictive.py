"""Predictive value: revenue a month, margin and a lifetime that never exceeds the horizon."""

from datetime import date
from typing import Any

import pytest
from engage_customer_value.cards import terms
from engage_customer_value.config import CustomerValueConfig
from engage_customer_value.plugin import plugin
from engage_customer_value.predictive import lifetime
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.testing import request_for

DAY = date(2026, 6, 30)


def predictive(subscriptions: list[dict[str, Any]], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(
        plugin.engage_manifest(),
        {"subscriptions": subscriptions},
        config=CustomerValueConfig.model_validate(config),
        day=DAY,
    )
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == "predictive"}


TEN = [
    terms(str(100 + one), "2025-01-01", f"2026-0{one + 1}-15" if one < 4 else None, account=one + 1)
    for one in range(10)
]
"""Of ten customers one is lost in each of January to April 2026."""


@pytest.mark.parametrize(
    ("churn", "horizon", "months"),
    [(0.05, 60, 20), (0.0, 60, 60), (None, 60, 60), (0.001, 60, 60), (1.0, 60, 1), (0.5, 1, 1)],
)
def test_the_lifetime_is_one_by_churn_and_at_most_the_horizon(
    churn: float | None, horizon: float, months: float
) -> None:
    assert lifetime(churn, horizon) == months


def test_churn_is_pooled_over_the_trailing_months() -> None:
    details = predictive(TEN)[TENANT].details
    # Ten a month from July to January, then nine, eight, seven and six: of the month to 30 January one is lost …
    assert (details.lost, details.customer_months) == (4, 10 * 7 + 9 + 8 + 7 + 6 + 6)
    assert details.monthly_churn == pytest.approx(4 / 106)
    half = predictive(TEN, churn_months=3)[TENANT].details
    assert (half.lost, half.customer_months) == (1, 7 + 6 + 6)


def test_each_customer_has_its_own_revenue_and_the_churn_of_all() -> None:
    values = predictive(TEN, gross_margin=0.7)
    assert values[account(9)].value == pytest.approx(108 * 0.7 * 106 / 4)
    assert account(1) not in values or values[account(1)].is_absence
    mean = sum(float(values[account(one)].value or 0) for one in range(5, 11)) / 6
    assert values[TENANT].value == pytest.approx(mean)


def test_the_interval_is_that_of_the_churn() -> None:
    one = predictive(TEN, horizon_months=600, confidence=0.9)[account(9)]
    low, high = proportion_confint(4, 106, alpha=0.1, method="wilson")
    assert one.interval is not None
    assert [one.interval.low, one.interval.high] == pytest.approx([108 / high, 108 / low])


def test_who_never_loses_anybody_is_capped_and_unsure_downwards_only() -> None:
    one = predictive([terms("100", "2025-01-01")])[TENANT]
    assert (one.value, one.details.is_capped, one.details.monthly_churn) == (6000, True, 0)
    assert one.interval is not None
    assert one.interval.low < one.interval.high == 6000


def test_without_a_month_of_history_the_horizon_is_all_that_is_known() -> None:
    one = predictive([terms("100", "2026-06-20")])[TENANT]
    assert (one.value, one.details.monthly_churn, one.interval) == (6000, None, None)
    assert predictive([])[TENANT].status is Status.NO_DATA
