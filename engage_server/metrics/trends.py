"""Whether a series rises or falls over the last weeks, beyond chance and whatever the pattern of its week."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from math import sqrt
from statistics import NormalDist
from typing import Final

from engage_server.metrics.anomalies import HISTORY_DAYS, JUDGED_STATUSES, LEAST_DAYS, LEAST_VALUES
from engage_server.metrics.baselines import WEEK, Values, by_weekday, seasonal_slope
from engage_server.metrics.series import Point

LEVEL: Final = 0.05
"""Of series without a trend, so many are called rising or falling."""


class TrendState(StrEnum):
    """Which way a series goes, or that it cannot be said."""

    RISING = "RISING"
    FALLING = "FALLING"
    FLAT = "FLAT"
    SHORT_HISTORY = "SHORT_HISTORY"


DESCRIPTIONS: Final = {
    TrendState.RISING: "it rises by more than chance.",
    TrendState.FALLING: "it falls by more than chance.",
    TrendState.FLAT: "what it moved may be chance.",
    TrendState.SHORT_HISTORY: "less than four weeks of values.",
}


@dataclass(frozen=True, slots=True)
class Trend:
    """The trend of the days from ``first`` to ``last``; ``per_week`` and ``p`` are null where there are too few."""

    state: TrendState
    first: date
    last: date
    days: int
    per_week: float | None = None
    p: float | None = None


def trend_on(points: Sequence[Point], on: date) -> Trend:
    """The trend of the eight weeks up to a day, from the values of ``points`` (by day) that are whole.

    The slope is the seasonal Sen slope, the test the seasonal Mann-Kendall test with the covariance between weekdays
    (R. M. Hirsch, J. R. Slack, A nonparametric trend test for seasonal data with serial dependence, Water Resources
    Research 20, 1984): values of trailing windows, whose neighbouring days share most of their data, do not look like
    seven witnesses.
    """
    first = on - timedelta(days=HISTORY_DAYS - 1)
    whole = [point for point in points if point.status in JUDGED_STATUSES and first <= point.day <= on]
    newest = whole[-1].definition_version if whole else None
    values = [
        (point.day, point.value)
        for point in whole
        if point.value is not None and point.definition_version == newest
    ]
    if len(values) < LEAST_VALUES or (values[-1][0] - values[0][0]).days < LEAST_DAYS - 1:
        return Trend(TrendState.SHORT_HISTORY, first, on, len(values))
    slope, p = seasonal_slope(values), mann_kendall(values)
    state = TrendState.FLAT
    if p < LEVEL and slope:
        state = TrendState.RISING if slope > 0 else TrendState.FALLING
    return Trend(state, first, on, len(values), per_week=WEEK * slope, p=p)


def mann_kendall(values: Values) -> float:
    """The two-sided p of no trend; 1 where nothing moved."""
    # Weeks number the values of a weekday; those that a weekday lacks take no part in its pairs.
    seasons = [
        {(day - date.min).days // WEEK: value for day, value in of_weekday}
        for of_weekday in by_weekday(values).values()
        if len(of_weekday) > 1
    ]
    score = sum(
        _sign(later - earlier) for season in seasons for earlier, later in combinations(_ordered(season), 2)
    )
    variance = sum(_variance(list(season.values())) for season in seasons)
    variance += 2 * sum(_covariance(one, other) for one, other in combinations(seasons, 2))
    if not score or variance <= 0:
        return 1.0
    z = (abs(score) - 1) / sqrt(variance)
    return min(1.0, 2 * (1 - NormalDist().cdf(z)))


def _ordered(season: Mapping[int, float]) -> list[float]:
    return [season[week] for week in sorted(season)]


def _variance(values: Sequence[float]) -> float:
    n = len(values)
    ties = sum(size * (size - 1) * (2 * size + 5) for size in Counter(values).values())
    return (n * (n - 1) * (2 * n + 5) - ties) / 18


def _covariance(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """Of the scores of two weekdays (E. J. Dietz, T. J. Killeen, JASA 76, 1981), missing weeks at the middle rank."""
    weeks = sorted(one.keys() | other.keys())
    common = [week for week in weeks if week in one and week in other]
    together = sum(
        _sign((one[after] - one[before]) * (other[after] - other[before]))
        for before, after in combinations(common, 2)
    )
    ranks, others = _ranks(one), _ranks(other)
    middle, others_middle = (len(one) + 1) / 2, (len(other) + 1) / 2
    products = sum(ranks.get(week, middle) * others.get(week, others_middle) for week in weeks)
    return (together + 4 * products - len(weeks) * (len(one) + 1) * (len(other) + 1)) / 3


def _ranks(season: Mapping[int, float]) -> dict[int, float]:
    values = list(season.values())
    return {
        week: (1 + sum(other < value for other in values) + sum(other <= value for other in values)) / 2
        for week, value in season.items()
    }


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
