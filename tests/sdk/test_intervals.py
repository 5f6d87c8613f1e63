"""The intervals agree with their published tables and hold what they must for any counts."""

from math import sqrt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from statsmodels.stats.proportion import confint_proportions_2indep

from engage_server.sdk.intervals import (
    adjusted_wald,
    difference_of_means,
    difference_of_shares,
    net_margin,
    t_of,
    wilson,
    z_of,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.0, 16.11), (1, 29, 0.61, 17.18)],
)
def test_wilson_agrees_with_the_published_table(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert interval is not None
    assert (round(interval.low, 2), round(interval.high, 2)) == (low, high)


def test_three_promoters_alone_are_no_certainty() -> None:
    interval = adjusted_wald(3, 0, 3)
    assert interval is not None
    # By hand: p = 3.75/6, d = 0.75/6, so 50 +- 1.96 * 100 * sqrt((6 * 4.5 - 9) / 216).
    margin = z_of(0.95) * 100 * sqrt(18 / 216)
    assert interval.low == pytest.approx(50 - margin)
    assert interval.high == 100
    assert net_margin(3, 0, 3) == (100, 0)


@given(st.integers(0, 200), st.integers(1, 200), st.floats(0.5, 0.999))
def test_wilson_holds_the_share_within_its_scale_and_mirrors(successes: int, n: int, level: float) -> None:
    assume(successes <= n)
    interval, mirrored = wilson(successes, n, level=level), wilson(n - successes, n, level=level)
    assert interval is not None
    assert mirrored is not None
    assert 0 <= interval.low <= 100 * successes / n <= interval.high <= 100
    assert interval.low == pytest.approx(100 - mirrored.high, abs=1e-9)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_adjusted_wald_lies_on_the_scale_and_mirrors(promoters: int, passives: int, detractors: int) -> None:
    n = promoters + passives + detractors
    interval, mirrored = adjusted_wald(promoters, detractors, n), adjusted_wald(detractors, promoters, n)
    if interval is None or mirrored is None:
        assert n == 0
        return
    assert -100 <= interval.low < interval.high <= 100
    assert interval.low == pytest.approx(-mirrored.high)


def test_without_observations_there_is_no_interval() -> None:
    assert wilson(0, 0) is None
    assert adjusted_wald(0, 0, 0) is None


@settings(max_examples=50)
@given(st.integers(1, 80), st.integers(0, 80), st.integers(1, 80), st.integers(0, 80))
def test_the_interval_of_a_difference_is_that_of_statsmodels(n: int, one: int, m: int, other: int) -> None:
    assume(one <= n and other <= m)
    interval = difference_of_shares(one, n, other, m, scale=1)
    assert interval is not None
    low, high = confint_proportions_2indep(one, n, other, m, method="newcomb", compare="diff")
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-9)
    assert difference_of_shares(0, 0, other, m) is None


@given(st.floats(1, 500), st.floats(0.5, 0.999))
def test_student_s_t_is_that_of_another_library(freedom: float, level: float) -> None:
    whole, tolerance = (freedom, 1e-4) if freedom >= 5 else (int(freedom), 5e-3)
    assert t_of(level, freedom) == pytest.approx(float(student.ppf((1 + level) / 2, whole)), rel=tolerance)


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (30, 2.042)]
)
def test_student_s_t_agrees_with_the_printed_table(freedom: int, t: float) -> None:
    assert t_of(0.95, freedom) == pytest.approx(t, abs=2e-3)


def test_a_difference_of_means_needs_two_of_each_and_something_that_varies() -> None:
    assert difference_of_means((1, 1, 1), (2, 1, 9)) is None
    assert difference_of_means((1, 0, 5), (2, 0, 9)) is None
    interval = difference_of_means((1, 4, 5), (2, 9, 9))
    assert interval is not None
    assert interval.low < -1 < interval.high
