"""Correlations, their intervals and the correction for many tries, against scipy and statsmodels."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from engage_server.sdk import Interval
from engage_server.sdk.associations import benjamini_hochberg, fisher, pearson, spearman

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=5, max_size=40)


def bounds(interval: Interval | None) -> tuple[float, float]:
    """Both ends of an interval that there is."""
    assert interval is not None
    return float(interval.low), float(interval.high)


def varies(pairs: list[tuple[int, int]]) -> bool:
    return all(len({pair[side] for pair in pairs}) > 1 for side in (0, 1))


@given(PAIRS.filter(varies))
@settings(max_examples=40)
def test_correlations_and_fishers_interval_are_scipys(pairs: list[tuple[int, int]]) -> None:
    first, second = [[float(pair[side]) for pair in pairs] for side in (0, 1)]
    theirs = stats.pearsonr(first, second)
    r = pearson(first, second)
    assert r == pytest.approx(theirs.statistic, abs=1e-9)
    if abs(r) < 0.999:
        assert bounds(fisher(r, len(pairs), level=0.9)) == pytest.approx(
            tuple(theirs.confidence_interval(0.9))
        )
    rank, _ = spearman(first, second)
    assert rank == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-9)


def test_the_interval_of_ranks_is_a_little_wider_than_that_of_values() -> None:
    first, second = [1.0, 2, 3, 4, 5, 6, 7, 8], [2.0, 1, 4, 3, 6, 5, 8, 7]
    r, interval = spearman(first, second)
    half = stats.norm.ppf(0.975) * math.sqrt((1 + r**2 / 2) / 5)
    expected = (math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))
    assert bounds(interval) == pytest.approx(expected)


def test_what_never_varies_goes_with_nothing_and_few_pairs_have_no_interval() -> None:
    assert pearson([3.0, 3.0], [1.0, 2.0]) == 0
    assert pearson([], []) == 0
    assert fisher(0.5, 3) is None
    assert spearman([1.0, 2.0], [2.0, 1.0]) == (-1.0, None)
    assert bounds(fisher(1.0, 9)) == (1.0, 1.0)
    with pytest.raises(ValueError, match="Remedy"):
        pearson([1.0], [])


@given(st.lists(st.floats(0, 1), max_size=30))
@settings(max_examples=60)
def test_adjusted_p_are_statsmodels(p_values: list[float]) -> None:
    theirs = multipletests(p_values, method="fdr_bh")[1] if p_values else []
    assert benjamini_hochberg(p_values) == pytest.approx(list(theirs))
