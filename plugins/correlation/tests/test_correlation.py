"""Correlations over accounts are scipy's, need enough accounts, and are corrected for how many are looked at."""

import random
from typing import Any

import pytest
from engage_correlation.card import values
from engage_correlation.config import CorrelationConfig, Pair
from engage_correlation.plugin import plugin
from pydantic import ValidationError
from scipy import stats

from engage_server.sdk import Measurement
from engage_server.sdk.testing import Level, check, request_for


def measured(rows: list[dict[str, Any]], **config: Any) -> Measurement:
    request = request_for(plugin.engage_manifest(), {"values": rows}, config=CorrelationConfig(**config))
    (found,) = plugin.engage_compute(request)
    return found


def noisy(seed: int, accounts: int, pull: float) -> tuple[list[float], list[float]]:
    chance = random.Random(seed)
    scores = [round(chance.uniform(-100, 100)) for _ in range(accounts)]
    return [float(score) for score in scores], [pull * score + chance.gauss(0, 50) for score in scores]


def test_the_rank_correlation_of_nps_and_revenue_is_scipys() -> None:
    scores, amounts = noisy(4, 60, 0.5)
    found = measured([*values("nps.score", scores), *values("revenue.mrr", amounts)])
    assert found.value == pytest.approx(stats.spearmanr(scores, amounts).statistic)
    assert found.n == 60
    assert found.interval is not None
    assert found.interval.low < (found.value or 0) < found.interval.high
    (nps, health, seats) = found.details.pairs
    assert (nps.is_found, nps.accounts) == (True, 60)
    assert (health.rho, health.accounts, seats.is_found) == (None, 0, False)


def test_the_revenue_of_a_month_that_is_not_over_counts() -> None:
    scores, amounts = noisy(4, 60, 0.5)
    found = measured([*values("nps.score", scores), *values("revenue.mrr", amounts, "PARTIAL")])
    assert found.value == pytest.approx(stats.spearmanr(scores, amounts).statistic)
    assert found.n == 60


def test_accounts_with_one_value_and_values_that_say_nothing_are_left_out() -> None:
    scores, amounts = noisy(4, 40, 0.5)
    rows = [*values("nps.score", scores), *values("revenue.mrr", amounts[:30])]
    rows[3]["status"] = "NO_DATA"
    assert measured(rows).n == 29
    few = measured(rows[:15] + rows[40:])
    assert (few.value, few.details.pairs[0].rho) == (None, None)


def test_noise_is_found_at_most_as_often_as_it_says() -> None:
    pairs = tuple(Pair(first="nps.score", second=f"other.m{n}") for n in range(5))
    found = 0
    for seed in range(100):
        chance = random.Random(seed)
        rows = values("nps.score", [chance.random() for _ in range(40)])
        for pair in pairs:
            rows += values(pair.second, [chance.random() for _ in range(40)])
        found += any(pair.is_found for pair in measured(rows, pairs=pairs).details.pairs)
    assert found <= 8  # 5 are expected; more than 8 would come in one of ten tries


def test_a_metric_is_not_held_against_itself() -> None:
    for first, second in (("nps.score", "nps.score"), ("correlation.rank", "nps.score")):
        with pytest.raises(ValidationError, match="Remedy"):
            Pair(first=first, second=second)


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, report.findings
