"""The area under the curve and its interval, against statistics libraries and on noise."""

import random

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from statsmodels.stats.nonparametric import rank_compare_2indep

from engage_server.metrics.discrimination import discrimination

numbers = st.lists(st.integers(0, 9).map(float), min_size=1, max_size=25)


@settings(max_examples=60)
@given(numbers, numbers)
def test_the_area_is_mann_and_whitneys(cases, controls):
    found = discrimination(cases, controls)
    expected = mannwhitneyu(cases, controls).statistic / (len(cases) * len(controls))
    assert found.auc == pytest.approx(expected)
    assert 0 <= found.interval.low <= found.auc <= found.interval.high <= 1


def test_delongs_interval_is_the_logit_interval_of_brunner_and_munzels_variance():
    chance = random.Random(3)
    cases = [chance.gauss(1, 1) for _ in range(40)]
    controls = [chance.gauss(0, 1) for _ in range(90)]
    found = discrimination(cases, controls)
    oracle = rank_compare_2indep(numpy.array(cases), numpy.array(controls), use_t=False)
    assert found.auc == pytest.approx(oracle.prob1)
    error = (oracle.var / (len(cases) + len(controls))) ** 0.5
    odds, half = numpy.log(found.auc / (1 - found.auc)), 1.959964 * error / (found.auc * (1 - found.auc))
    bounds = [1 / (1 + numpy.exp(-bound)) for bound in (odds - half, odds + half)]
    assert [found.interval.low, found.interval.high] == pytest.approx(bounds, rel=1e-4)


def test_perfectly_parted_groups_of_few_keep_a_wide_interval():
    few, many = discrimination([5.0] * 3, [1.0] * 4), discrimination([5.0] * 300, [1.0] * 400)
    assert (few.auc, few.interval.high, few.interval.method) == (1, 1, "Hanley-McNeil")
    assert few.interval.low < 0.7
    assert many.interval.low > 0.98
    alike = discrimination([1.0] * 20, [1.0] * 20)
    assert (alike.auc, alike.interval.low < 0.4, alike.interval.high > 0.6) == (0.5, True, True)


def test_turned_round_it_is_the_rest_to_one():
    cases, controls = [3.0, 4.0, 4.0, 9.0], [1.0, 4.0, 2.0]
    one, other = discrimination(cases, controls), discrimination(controls, cases)
    assert one.auc + other.auc == pytest.approx(1)
    assert one.interval.low + other.interval.high == pytest.approx(1)


def test_without_cases_or_controls_there_is_none():
    assert discrimination([], [1.0]) is None
    assert discrimination([1.0], []) is None


def test_on_noise_the_interval_leaves_out_a_half_no_more_often_than_it_says():
    chance = random.Random(11)
    above = below = 0
    for _ in range(1_000):
        found = discrimination(
            [chance.random() for _ in range(12)], [chance.random() for _ in range(60)], level=0.95
        )
        above += found.interval.low > 0.5
        below += found.interval.high < 0.5
    # 2.5% on each side, and three standard errors of 1,000 tries.
    assert above <= 40
    assert below <= 40
