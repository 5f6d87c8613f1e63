"""Correlation, its interval and the correction of many tries, against statistics libraries."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, pointbiserialr
from statsmodels.stats.multitest import multipletests

from engage_server.metrics.correlation import correlate, correlation_interval, holm, p_of_correlation


def test_correlation_and_interval_are_those_of_the_library():
    chance = random.Random(5)
    had = [float(chance.random() < 0.3) for _ in range(80)]
    scores = [chance.gauss(50 - 20 * one, 15) for one in had]
    r = correlate(scores, had)
    assert r == pytest.approx(pointbiserialr(had, scores).statistic)
    for level in (0.9, 0.95, 0.99):
        found = correlation_interval(r, len(had), level=level)
        assert (found.low, found.high) == pytest.approx(
            tuple(pearsonr(scores, had).confidence_interval(level)), rel=1e-6
        )
    # By Fisher's z, close to the t-test of so many.
    assert p_of_correlation(r, len(had)) == pytest.approx(pearsonr(scores, had).pvalue, abs=0.002)


def test_what_is_constant_or_too_few_has_none():
    assert correlate([1.0, 1.0], [0.0, 1.0]) is None
    assert correlate([1.0], [0.0]) is None
    assert correlation_interval(0.5, 3) is None
    assert (p_of_correlation(0.5, 3), p_of_correlation(1.0, 9)) == (1, 0)


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_the_correction_is_holms(ps):
    assert holm(ps) == pytest.approx(list(multipletests(ps, method="holm")[1]))
