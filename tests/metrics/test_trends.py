"""Trends are told where there are any, against scipy's test where neither weeks nor likeness matter."""

import random
from datetime import date, timedelta

import pytest
from scipy import stats

from engage_server.metrics.series import Point
from engage_server.metrics.trends import TrendState, mann_kendall, trend_on
from engage_server.sdk import Status

FIRST = date(2026, 1, 5)
LAST = FIRST + timedelta(days=55)
WEEKDAYS = (100.0, 110.0, 120.0, 115.0, 90.0, 20.0, 10.0)


def points(values: list[float]) -> list[Point]:
    return [Point(FIRST + timedelta(days=n), value, Status.OK, 50, 1) for n, value in enumerate(values)]


@pytest.mark.parametrize(("slope", "state"), [(0.5, "RISING"), (-0.5, "FALLING")])
def test_a_trend_is_found_beneath_the_pattern_of_the_week(slope, state):
    chance = random.Random(7)
    found = trend_on(points([WEEKDAYS[n % 7] + slope * n + chance.gauss(0, 2) for n in range(56)]), LAST)
    assert (found.state, found.days, found.first) == (state, 56, FIRST)
    assert found.per_week == pytest.approx(7 * slope, abs=0.7)


def test_noise_has_a_trend_as_seldom_as_it_says():
    rising = 0
    for seed in range(200):
        chance = random.Random(seed)
        rising += trend_on(points([chance.gauss(0, 1) for _ in range(56)]), LAST).state is not TrendState.FLAT
    assert rising / 200 <= 0.07


def test_one_weekday_alone_is_the_plain_test_of_kendall():
    chance = random.Random(3)
    values = [(FIRST + timedelta(days=7 * n), round(n / 4 + chance.gauss(0, 2))) for n in range(30)]
    tau = stats.kendalltau(range(30), [value for _, value in values], method="asymptotic")
    # Theirs has no correction for continuity, which makes ours a little more careful.
    assert mann_kendall(values) == pytest.approx(tau.pvalue, rel=0.08)
    assert mann_kendall(values) >= tau.pvalue


def test_alike_days_are_no_further_witnesses():
    chance = random.Random(11)
    weeks = [chance.gauss(0, 1) + 0.35 * n for n in range(8)]
    alike = [(FIRST + timedelta(days=n), weeks[n // 7]) for n in range(56)]
    one = [(FIRST + timedelta(days=7 * n), weeks[n]) for n in range(8)]
    assert mann_kendall(alike) == pytest.approx(mann_kendall(one), rel=0.5)


def test_less_than_four_weeks_say_nothing():
    found = trend_on(points([float(n) for n in range(56)])[-27:], LAST)
    assert (found.state, found.per_week, found.p) == (TrendState.SHORT_HISTORY, None, None)
    assert trend_on([], LAST).state is TrendState.SHORT_HISTORY
    assert trend_on(points([5.0] * 56), LAST).state is TrendState.FLAT
