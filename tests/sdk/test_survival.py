"""Kaplan-Meier's estimate agrees with scipy's curve and statsmodels' bounds, whoever is still waiting."""

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf
from statsmodels.duration.survfunc import SurvfuncRight

from engage_server.sdk.survival import kaplan_meier

durations = st.lists(st.integers(1, 40).map(float), max_size=25)


@settings(max_examples=60, deadline=None)
@given(durations.filter(bool), durations)
def test_the_curve_is_scipys(reached: list[float], waiting: list[float]) -> None:
    survival = kaplan_meier(reached, waiting)
    oracle = ecdf(CensoredData(uncensored=reached, right=waiting)).sf
    assert list(survival.remaining) == pytest.approx(
        [float(oracle.evaluate(time)) for time in survival.times]
    )
    assert sorted(set(reached)) == list(survival.times)


@settings(max_examples=60, deadline=None)
@given(durations.filter(bool), durations, st.sampled_from([0.3, 0.5, 0.9]))
def test_errors_and_bounds_are_those_of_statsmodels(
    reached: list[float], waiting: list[float], share: float
) -> None:
    survival = kaplan_meier(reached, waiting)
    status = [1] * len(reached) + [0] * len(waiting)
    oracle = SurvfuncRight(reached + waiting, status)
    certain = [place for place, left in enumerate(survival.remaining) if left > 0]
    assert [survival.errors[place] for place in certain] == pytest.approx(
        [float(oracle.surv_prob_se[place]) for place in certain]
    )
    if survival.remaining[-1] > 0:  # at nobody left the oracle divides by zero
        low, high = oracle.quantile_ci(share)
        bounds = survival.bounds_of(share)
        assert bounds == (None if math.isnan(low) else (low, None if math.isinf(high) else high))


def test_half_of_a_few_is_the_median_and_who_waits_moves_it_later() -> None:
    assert kaplan_meier([1, 2, 3, 4], []).time_of(0.5) == 2
    # Two of four have come to it among those who could be seen so long: at 3 the share is 3/4 x 1/2.
    assert kaplan_meier([1, 3], [2, 4]).time_of(0.5) == 3
    assert kaplan_meier([1], [5, 5, 5]).time_of(0.5) is None


def test_who_nobody_came_to_it_or_nobody_is_there_has_neither_time_nor_bounds() -> None:
    for survival in (kaplan_meier([], [1, 2]), kaplan_meier([], [])):
        assert (survival.reached, survival.time_of(0.5), survival.bounds_of(0.5)) == (0, None, None)


@given(durations, durations)
def test_the_order_of_observations_does_not_matter(reached: list[float], waiting: list[float]) -> None:
    assert kaplan_meier(reached[::-1], waiting[::-1]) == kaplan_meier(reached, waiting)


@given(durations, durations)
def test_counts_by_time_say_the_same_as_each_time_and_shares_are_those_of_the_steps(
    reached: list[float], waiting: list[float]
) -> None:
    survival = kaplan_meier(reached, waiting)
    assert kaplan_meier(Counter(reached), Counter(waiting)) == survival
    for time, left in zip(survival.times, survival.remaining, strict=True):
        assert survival.reached_by(time) == survival.reached_by(time + 0.5) == 1 - left
    assert survival.reached_by(0.5) == 0
