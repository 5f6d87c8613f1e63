"""The forecast, its interval from past errors, and what the back-test says of it."""

import random
from datetime import date
from typing import Any

import pytest
from engage_revenue.cards.rows import terms
from engage_revenue.config import RevenueConfig
from engage_revenue.forecast import ahead_of, empirical_bounds
from engage_revenue.plugin import plugin
from scipy.stats import scoreatpercentile

from engage_server.sdk import TENANT, Measurement, Status
from engage_server.sdk.recurring import months_before
from engage_server.sdk.testing import request_for

DAY = date(2026, 6, 30)


def forecast(series: list[float], **config: Any) -> Measurement:
    """The forecast after monthly revenues, the last of which is that of the day."""
    rows = [
        terms(
            f"s{back}",
            f"{amount:.4f}",
            months_before(DAY, back).isoformat(),
            months_before(DAY, back - 1).isoformat() if back else None,
        )
        for back, amount in enumerate(reversed(series))
    ]
    request = request_for(
        plugin.engage_manifest(), {"subscriptions": rows}, config=RevenueConfig(**config), day=DAY
    )
    return next(
        one for one in plugin.engage_compute(request) if (one.metric, one.subject) == ("forecast", TENANT)
    )


def test_the_mean_change_of_the_last_months_is_continued() -> None:
    one = forecast([100.0] * 10 + [110, 120, 130, 140], drift_months=4)
    assert [float(month.amount) for month in one.details.ahead] == [150, 160, 170]
    assert (one.value, one.n, one.details.monthly_change) == (170, 14, 10)
    assert [month.on for month in one.details.ahead] == [
        date(2026, 7, 30),
        date(2026, 8, 30),
        date(2026, 9, 30),
    ]


def test_a_shrinking_revenue_is_never_forecast_below_0() -> None:
    one = forecast([float(13 - month) for month in range(13)], horizon_months=6)
    assert one.value == 0


@pytest.mark.parametrize("months", [1, 11])
def test_a_short_past_is_no_ground_for_a_forecast(months: int) -> None:
    one = forecast([100.0] * months)
    assert (one.value, one.status, one.n) == (None, Status.NO_DATA, months)
    assert one.details.note == f"It takes 12 months with revenue; there are {months}."


def test_few_forecasts_of_the_past_make_no_interval() -> None:
    one = forecast([100.0] * 12, horizon_months=6)
    assert one.interval is None
    assert one.details.ahead[-1].low is None
    assert one.details.back_test[-1].forecasts == 5


def noisy(length: int, seed: int) -> list[float]:
    chance = random.Random(seed)
    return [1000 + 20 * month + chance.gauss(0, 30) for month in range(length)]


def test_the_interval_spans_the_errors_of_the_same_forecast_in_the_past() -> None:
    series, months = noisy(40, 1), 2
    one = forecast(series, horizon_months=months)
    errors = [
        (series[origin + months] - ahead_of(series, origin, months, 6)) / series[origin]
        for origin in range(1, len(series) - months)
    ]
    low = scoreatpercentile(errors, 10, interpolation_method="lower")
    high = scoreatpercentile(errors, 90, interpolation_method="higher")
    assert one.interval is not None
    assert one.value is not None
    assert float(one.interval.low) == pytest.approx(float(one.value) + low * series[-1], abs=0.02)
    assert float(one.interval.high) == pytest.approx(float(one.value) + high * series[-1], abs=0.02)
    assert one.interval.method == f"empirical, of {len(errors)} forecasts of the past"


def test_the_back_test_counts_the_intervals_that_held_what_came() -> None:
    covered = [forecast(noisy(61, seed)).details.back_test[0] for seed in range(20)]
    assert all(one.intervals >= 30 for one in covered)
    mean = sum(one.covered for one in covered) / len(covered)
    assert 0.7 <= mean <= 0.95


def test_the_back_test_tells_a_trend_from_a_random_walk() -> None:
    assert forecast(noisy(48, 3)).details.beats_no_change is True
    chance = random.Random(5)
    jumps = [1000 + chance.gauss(0, 100) for _ in range(48)]
    assert forecast(jumps).details.beats_no_change is False


def test_seven_errors_are_too_few_to_span() -> None:
    assert empirical_bounds([0.1] * 7, 0.8) is None
    assert empirical_bounds([0.1] * 8, 0.8) == (0.1, 0.1)
