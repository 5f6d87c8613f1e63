"""The estimate agrees with scipy's, keeps those who wait, and says where a quantile is not reached."""

from warnings import catch_warnings, simplefilter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from engage_server.sdk.survival import kaplan_meier

TIMES = st.lists(st.integers(1, 30).map(float), max_size=25)


@settings(max_examples=50, deadline=None)
@given(TIMES.filter(bool), TIMES)
def test_curve_and_bounds_are_those_of_scipy(reached: list[float], censored: list[float]) -> None:
    curve = kaplan_meier(reached, censored)
    oracle = ecdf(CensoredData(uncensored=reached, right=censored)).sf
    with catch_warnings():
        simplefilter(
            "ignore", RuntimeWarning
        )  # its bounds are not defined where nobody or everybody has reached it
        bounds = oracle.confidence_interval(confidence_level=0.95, method="log-log")
    by_time = {step.at: step for step in curve.steps}
    for at, waiting, low, high in zip(
        oracle.quantiles,
        oracle.probabilities,
        bounds.low.probabilities,
        bounds.high.probabilities,
        strict=True,
    ):
        assert 1 - curve.reached_by(at) == pytest.approx(waiting, abs=1e-9)
        if at in by_time and 0 < waiting < 1:
            assert (by_time[at].low, by_time[at].high) == pytest.approx((low, high), abs=1e-9)


def test_who_waits_stays_in_the_denominator() -> None:
    # Of 5, one leaves at 2 unreached: 4/5, then 4/5 * 2/3, then 4/5 * 2/3 * 1/2.
    curve = kaplan_meier([1.0, 3.0, 4.0], [2.0, 5.0])
    assert [step.waiting for step in curve.steps] == pytest.approx([0.8, 0.8 * 2 / 3, 0.8 / 3])
    assert curve.quantile(0.5) == 4
    assert curve.reached_by(3.5) == pytest.approx(1 - 0.8 * 2 / 3)


def test_a_median_that_most_have_not_reached_is_none_and_one_that_half_have_is_there() -> None:
    assert kaplan_meier([1.0], [9.0, 9.0]).quantile(0.5) is None
    assert kaplan_meier([1.0, 2.0], [9.0, 9.0]).quantile(0.5) == 2
    assert kaplan_meier([], [1.0]).quantile(0.5) is None
    assert kaplan_meier([]).steps == ()


@settings(max_examples=50, deadline=None)
@given(TIMES.filter(bool), TIMES)
def test_the_interval_of_the_median_holds_it(reached: list[float], censored: list[float]) -> None:
    curve = kaplan_meier(reached, censored)
    median, interval = curve.quantile(0.5), curve.quantile_interval(0.5)
    if interval is not None:
        assert median is not None
        assert interval.low <= median <= interval.high
