"""How a score moved: against 7, 30 and 90 days ago, per week, and whether it has been falling for long."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

AGO: Final = (7, 30, 90)
"""The days before the computed one whose scores are read."""

Earlier = Mapping[int, float]
"""An account's earlier scores, by how many days ago they were."""


def earlier_scores(values: pl.DataFrame, day: date) -> Mapping[int, Earlier]:
    """The accounts' scores of the days before ``day``, from rows of MetricValues."""
    found: dict[int, dict[int, float]] = {}
    known = values.filter(pl.col("value").is_not_null()).select("subject", "day", "value")
    for id, measured_on, value in known.iter_rows():
        found.setdefault(id, {})[(day - measured_on).days] = value
    return found


def change(score: float | None, earlier: Earlier, days: int) -> float | None:
    """Points above the score of so many days ago; null where one of the two is not known."""
    return None if score is None or days not in earlier else score - earlier[days]


def slope(score: float | None, earlier: Earlier) -> float | None:
    """Points a week: the least-squares line through the scores of today, of 7 and of 30 days ago; null without one."""
    if score is None or 7 not in earlier or 30 not in earlier:
        return None
    points = {0: score, 7: earlier[7], 30: earlier[30]}
    middle, level = sum(points) / 3, sum(points.values()) / 3
    above = sum((middle - ago) * (value - level) for ago, value in points.items())
    return 7 * above / sum((middle - ago) ** 2 for ago in points)


def is_falling(score: float | None, earlier: Earlier, *, points: float) -> bool:
    """Whether the score is ``points`` lower than 30 days ago, and was a week ago as well: no dip of one day."""
    if score is None or 7 not in earlier or 30 not in earlier:
        return False
    return max(score, earlier[7]) <= earlier[30] - points
