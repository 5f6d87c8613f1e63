"""Unusual days are found, and noise, patterns of the week and growth are none."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.metrics.anomalies import (
    HISTORY_DAYS,
    LEAST_N,
    UNUSUAL,
    WHOLE,
    AnomalyState,
    anomalies,
    anomaly_on,
)
from engage_server.metrics.series import Point
from engage_server.sdk import Status

FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=WHOLE - 1)
WEEKDAYS = (100.0, 110.0, 120.0, 115.0, 90.0, 20.0, 10.0)


def series(value: Callable[[int], float], *, days: int = WHOLE, n: int = 50) -> list[Point]:
    """Points of the ``days`` up to LAST."""
    start = WHOLE - days
    return [
        Point(FIRST + timedelta(days=place), value(place), Status.OK, n, 1) for place in range(start, WHOLE)
    ]


def alarms(value: Callable[[int], float]) -> int:
    return sum(one.state in UNUSUAL for one in anomalies(series(value), LAST))


@pytest.mark.parametrize(
    "noise",
    [
        lambda chance: chance.gauss(100, 5),
        lambda chance: chance.random(),
        lambda chance: float(sum(chance.random() < 0.03 for _ in range(100))),
        lambda chance: float(chance.random() < 0.05),
    ],
    ids=["normal", "uniform", "counts", "rare events"],
)
def test_noise_alarms_on_at_most_one_day_in_a_hundred(noise):
    found = 0
    for seed in range(200):
        chance = random.Random(seed)
        found += alarms(lambda _, chance=chance: noise(chance))
    assert found / (200 * 7) <= 0.01


@given(st.lists(st.floats(0, 1e6), min_size=7, max_size=7), st.floats(-1e3, 1e3))
@settings(max_examples=40)
def test_a_pattern_of_the_week_and_steady_growth_alarm_nothing(levels, slope):
    assert alarms(lambda place: levels[place % 7] + slope * place) == 0


@given(
    st.integers(0, 10**6), st.integers(0, 6), st.floats(9, 50), st.sampled_from([-1, 1]), st.integers(0, 6)
)
@settings(max_examples=60)
def test_a_planted_shift_is_found_on_the_day_that_it_begins(seed, begins, size, side, weekday):
    chance = random.Random(seed)
    shift = FIRST + timedelta(days=HISTORY_DAYS + begins)

    def value(place: int) -> float:
        moved = side * size if place >= HISTORY_DAYS + begins else 0
        return WEEKDAYS[(place + weekday) % 7] + chance.uniform(-1, 1) + moved

    newest = anomaly_on(series(value), LAST)
    assert newest.state is (AnomalyState.HIGH if side > 0 else AnomalyState.LOW)
    assert newest.since == shift
    assert newest.size == pytest.approx(side * size, abs=4)


def test_a_shift_that_began_before_the_judged_days_has_its_own_first_day():
    began = HISTORY_DAYS - 10
    found = anomaly_on(series(lambda place: 100 + (place * 7919 % 5) + (60 if place >= began else 0)), LAST)
    assert (found.state, found.since) == (AnomalyState.HIGH, FIRST + timedelta(days=began))


def test_a_day_that_went_back_is_an_alarm_of_that_day_alone():
    found = anomalies(series(lambda place: 100 + place % 3 - (40 if place == HISTORY_DAYS + 2 else 0)), LAST)
    assert [one.state for one in found].count(AnomalyState.LOW) == 1
    assert found[2].state is AnomalyState.LOW
    assert found[-1].since is None


@pytest.mark.parametrize(("days", "state"), [(27, "SHORT_HISTORY"), (34, "SHORT_HISTORY"), (35, "LOW")])
def test_without_four_weeks_before_the_judged_days_nothing_is_judged(days, state):
    found = anomaly_on(series(lambda place: 0.0 if place == WHOLE - 1 else 100 + place % 3, days=days), LAST)
    assert found.state == state
    assert (found.z is None) == (state == "SHORT_HISTORY")


def test_values_of_few_are_not_judged_unless_they_are_the_count_itself():
    def shape(n: int) -> list[Point]:
        return [
            Point(point.day, point.value, point.status, n if point.day == LAST else 50, 1)
            for point in series(lambda place: 0.0 if place == WHOLE - 1 else 100 + place % 3)
        ]

    assert anomaly_on(shape(LEAST_N - 1), LAST).state is AnomalyState.FEW
    assert anomaly_on(shape(LEAST_N), LAST).state is AnomalyState.LOW
    few = series(lambda place: 100 + place % 3, n=LEAST_N - 1)
    assert anomaly_on(few, LAST).state is AnomalyState.FEW
    counts = [
        Point(point.day, value, Status.OK, int(value), 1)
        for place, point in enumerate(few)
        for value in [0.0 if place == WHOLE - 1 else 100.0 + place % 3]
    ]
    assert anomaly_on(counts, LAST).state is AnomalyState.LOW


def test_a_series_that_never_moved_says_how_far_but_no_z():
    found = anomaly_on(series(lambda place: 81.0 if place == WHOLE - 1 else 80.0), LAST)
    assert (found.state, found.size, found.z, found.low, found.high) == (
        AnomalyState.HIGH,
        1.0,
        None,
        80.0,
        80.0,
    )
    assert anomaly_on(series(lambda _: 80.0), LAST).state is AnomalyState.NORMAL


def test_other_definitions_and_values_that_are_not_whole_are_left_out():
    points = series(lambda place: 100 + place % 3)
    redefined = [Point(p.day, p.value, p.status, p.n, 1 if p.day < LAST else 2) for p in points]
    assert anomaly_on(redefined, LAST).state is AnomalyState.SHORT_HISTORY
    partial = [
        Point(p.day, 3.0, Status.PARTIAL if p.day == LAST else p.status, p.n, 1) if p.day == LAST else p
        for p in points
    ]
    assert anomaly_on(partial, LAST).state is AnomalyState.NO_VALUE
    assert anomaly_on([], LAST).state is AnomalyState.NO_VALUE
