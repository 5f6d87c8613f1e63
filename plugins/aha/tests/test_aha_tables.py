"""The figures of a two-by-two table are scipy's and statsmodels'."""

import math
from typing import Any

import numpy as np
import pytest
from engage_aha.tables import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import Interval

TABLES = st.builds(Table, *[st.integers(1, 200)] * 4)


def cells(table: Table) -> Any:
    return np.array([
        [table.did_with, table.did_without], [table.others_with, table.others_without],
    ])  # fmt: skip


def bounds(interval: Interval | None) -> tuple[float, float]:
    """Both ends of an interval that there is."""
    assert interval is not None
    return float(interval.low), float(interval.high)


@given(TABLES)
@settings(max_examples=40)
def test_phi_and_p_are_scipys(table: Table) -> None:
    did = [1.0] * table.did + [0.0] * table.others
    outcome = [1.0] * table.did_with + [0.0] * table.did_without
    outcome += [1.0] * table.others_with + [0.0] * table.others_without
    theirs = stats.pearsonr(did, outcome)
    assert table.phi == pytest.approx(theirs.statistic)
    low, high = theirs.confidence_interval(0.95)
    assert bounds(table.interval_of_phi(0.95)) == pytest.approx((low, high), abs=1e-9)
    assert table.p == pytest.approx(stats.chi2_contingency(cells(table), correction=True).pvalue, abs=1e-9)


@given(TABLES)
@settings(max_examples=40)
def test_lift_precision_and_recall_have_the_intervals_of_statsmodels(table: Table) -> None:
    low, high = Table2x2(cells(table)).riskratio_confint(0.05)
    share = table.did / table.n
    own = bounds(table.interval_of_lift(0.95))
    assert own == pytest.approx(tuple(ratio / (share * ratio + 1 - share) for ratio in (low, high)))
    assert own[0] <= table.lift <= own[1]
    for interval, successes, n in (
        (table.interval_of_precision(0.9), table.did_with, table.did),
        (table.interval_of_recall(0.9), table.did_with, table.outcome),
    ):
        assert bounds(interval) == pytest.approx(proportion_confint(successes, n, alpha=0.1, method="wilson"))


def test_an_empty_margin_says_nothing() -> None:
    table = Table(5, 5, 0, 0)
    assert (table.phi, table.p, table.others) == (0.0, 1.0, 0)
    assert Table(0, 5, 3, 5).interval_of_lift(0.95) is None
    assert math.isclose(Table(3, 0, 0, 3).phi, 1.0)
