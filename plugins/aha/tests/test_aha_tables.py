"""The figures of a two-by-two table are scipy's and statsmodels'."""

import math

import numpy as np
import pytest
from engage_aha.tables import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import proportion_confint

TABLES = st.builds(Table, *[st.integers(1, 200)] * 4)


def cells(table: Table) -> np.ndarray:
    return np.array([
        [table.did_with, table.did_without], [table.others_with, table.others_without],
    ])  # fmt: skip


@given(TABLES)
@settings(max_examples=40)
def test_phi_and_p_are_scipys(table):
    did = [1.0] * table.did + [0.0] * table.others
    outcome = [1.0] * table.did_with + [0.0] * table.did_without
    outcome += [1.0] * table.others_with + [0.0] * table.others_without
    theirs = stats.pearsonr(did, outcome)
    assert table.phi == pytest.approx(theirs.statistic)
    low, high = theirs.confidence_interval(0.95)
    interval = table.interval_of_phi(0.95)
    assert (interval.low, interval.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert table.p == pytest.approx(stats.chi2_contingency(cells(table), correction=True).pvalue, abs=1e-9)


@given(TABLES)
@settings(max_examples=40)
def test_lift_precision_and_recall_have_the_intervals_of_statsmodels(table):
    low, high = Table2x2(cells(table)).riskratio_confint(0.05)
    share = table.did / table.n
    interval = table.interval_of_lift(0.95)
    assert interval.low == pytest.approx(low / (share * low + 1 - share))
    assert interval.high == pytest.approx(high / (share * high + 1 - share))
    assert interval.low <= table.lift <= interval.high
    for own, successes, n in (
        (table.interval_of_precision(0.9), table.did_with, table.did),
        (table.interval_of_recall(0.9), table.did_with, table.outcome),
    ):
        bounds = proportion_confint(successes, n, alpha=0.1, method="wilson")
        assert (own.low, own.high) == (pytest.approx(bounds[0]), pytest.approx(bounds[1]))


def test_an_empty_margin_says_nothing():
    table = Table(5, 5, 0, 0)
    assert (table.phi, table.p, table.others) == (0.0, 1.0, 0)
    assert Table(0, 5, 3, 5).interval_of_lift(0.95) is None
    assert math.isclose(Table(3, 0, 0, 3).phi, 1.0)
