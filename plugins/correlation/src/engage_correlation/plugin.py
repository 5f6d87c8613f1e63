"""Correlations over accounts: whether those that recommend also pay more, with interval and minimum."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import atanh, inf, sqrt
from statistics import NormalDist
from typing import Annotated, Final

import polars as pl

from engage_correlation.card import CARD
from engage_correlation.config import CorrelationConfig, Pair
from engage_server.sdk import (
    Answer,
    Computation,
    InputSpec,
    Interval,
    MetricValues,
    Plugin,
    Sample,
    catalogues_beside,
)
from engage_server.sdk.associations import benjamini_hochberg, spearman

CORRELATION: Final = "correlation"
TAKEN: Final = ("OK", "PARTIAL")
plugin = Plugin(
    "correlation",
    sdk=">=2,<3",
    config=CorrelationConfig,
    title={"en": "Correlations", "ko": "상관관계"},
    schedule="0 6 * * 1",
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_correlation"),
)


@dataclass(frozen=True, slots=True)
class PairCorrelation:
    """How two metrics go together over accounts."""

    first: Annotated[str, "Full id of a metric."]
    second: Annotated[str, "Full id of the other."]
    accounts: Annotated[int, "Accounts with both values."]
    rho: Annotated[float | None, "Spearman's rank correlation, -1 to 1; null with too few accounts."]
    low: Annotated[float | None, "Lower bound."]
    high: Annotated[float | None, "Upper bound."]
    p_adjusted: Annotated[float | None, "Corrected for all pairs that were judged."]
    is_found: Annotated[bool, "Whether chance and the number of pairs do not explain it."]


@dataclass(frozen=True, slots=True)
class Correlations:
    """All pairs."""

    kind: Annotated[str, "Always correlation."]
    pairs: Annotated[tuple[PairCorrelation, ...], "In the order of the configuration."]


def _inputs(config: CorrelationConfig) -> Mapping[str, InputSpec]:
    metrics = sorted({metric for pair in config.pairs for metric in (pair.first, pair.second)})
    return {"values": MetricValues(metrics=tuple(metrics), max_age_days=config.max_age_days)}


@plugin.metric(
    "rank",
    title={"en": "NPS and revenue over accounts", "ko": "고객사별 NPS와 매출의 상관관계"},
    unit={"en": "rho", "ko": "rho"},
    card=CARD,
    details=Correlations,
    subjects=("tenant",),
    inputs=_inputs,
    category="insight",
    sample=Sample.THINGS,
)
def rank(rows: Computation[CorrelationConfig]) -> Answer | None:
    """The rank correlation of the first pair, with all pairs in the details."""
    config = rows.config
    # A month's value is PARTIAL until its last day; at a day's end all accounts are as far in it, and ranks compare.
    values = rows["values"].filter(pl.col("status").is_in(TAKEN) & pl.col("value").is_not_null())
    if values.is_empty():
        return None
    judged = [_judge(values, pair, config) for pair in config.pairs]
    known = [place for place, (_, _, p) in enumerate(judged) if p is not None]
    adjusted = dict(zip(known, benjamini_hochberg([judged[place][2] or 0.0 for place in known]), strict=True))
    pairs = tuple(
        _told(pair, judged[place], adjusted.get(place), config) for place, pair in enumerate(config.pairs)
    )
    accounts, found, _ = judged[0]
    rho, interval = found if found else (None, None)
    return Answer(rho, n=accounts, details=Correlations(CORRELATION, pairs), interval=interval)


Judged = tuple[int, tuple[float, Interval | None] | None, float | None]


def _judge(values: pl.DataFrame, pair: Pair, config: CorrelationConfig) -> Judged:
    """Accounts with both values; rho with its interval; p."""
    first, second = (
        values.filter(pl.col("metric") == metric)
        .select("subject", pl.col("value").alias(name))
        .unique("subject")
        for metric, name in ((pair.first, "x"), (pair.second, "y"))
    )
    both = first.join(second, on="subject").sort("subject")
    if both.height < config.minimum_accounts:
        return both.height, None, None
    rho, interval = spearman(both["x"].to_list(), both["y"].to_list(), level=config.confidence)
    # The same variance as the interval's, so that the two never contradict each other by much.
    z = inf if abs(rho) >= 1 else atanh(abs(rho)) * sqrt(both.height - 3) / sqrt(1 + rho * rho / 2)
    return both.height, (rho, interval), 2 * (1 - NormalDist().cdf(z))


def _told(pair: Pair, judged: Judged, p_adjusted: float | None, config: CorrelationConfig) -> PairCorrelation:
    accounts, found, _ = judged
    rho, interval = found if found else (None, None)
    return PairCorrelation(
        first=pair.first,
        second=pair.second,
        accounts=accounts,
        rho=rho,
        low=None if interval is None else float(interval.low),
        high=None if interval is None else float(interval.high),
        p_adjusted=p_adjusted,
        is_found=p_adjusted is not None and p_adjusted <= config.false_discovery_rate,
    )
