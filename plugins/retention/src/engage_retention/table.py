"""From the counts of cohorts to a curve with its table: shares, intervals, and means over complete cells."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

import polars as pl

from engage_server.sdk import Answer, Contribution, Interval, Retention
from engage_server.sdk.intervals import wilson


@dataclass(frozen=True, slots=True)
class Point:
    """One period over all cohorts in which it is complete."""

    offset: Annotated[int, "The period; of a bracket its first."]
    until: Annotated[int, "The last period of a bracket; else the period itself."]
    members: Annotated[int, "Members of the complete cohorts."]
    retained: Annotated[int, "Of them, those who came back."]
    share: Annotated[float | None, "Retained / members, 0 to 1; null where no cohort is complete."]
    low: Annotated[float | None, "Lower end of Wilson's interval of the share."]
    high: Annotated[float | None, "Upper end."]
    complete_cohorts: Annotated[int, "Cohorts all of whose members had the whole period."]


@dataclass(frozen=True, slots=True)
class Cell:
    """One period of one cohort."""

    cohort: Annotated[date, "First day of the cohort."]
    offset: Annotated[int, "As in points."]
    size: Annotated[int, "Members of the cohort."]
    eligible: Annotated[int, "Of them, those who had the whole period."]
    retained: Annotated[int, "Of these, those who came back."]
    share: Annotated[float | None, "Retained / eligible, 0 to 1."]
    low: Annotated[float | None, "Lower end of Wilson's interval of the share."]
    high: Annotated[float | None, "Upper end."]
    complete: Annotated[bool, "Whether all members had it; no other cell is in a mean."]


@dataclass(frozen=True, slots=True)
class Curve:
    """Retention by period, with the table that it is the mean of."""

    headline: Annotated[int, "The period that the value is about."]
    period_unit: Annotated[str, "Of the periods: day, week or month."]
    clock: Annotated[str, "own (calendar days from each member's first one), calendar or rolling."]
    mode: Annotated[str, "on, on_or_after, on_or_before or streak."]
    points: Annotated[tuple[Point, ...], "In the order of the configuration."]
    cells: Annotated[tuple[Cell, ...], "The table by cohort, then period."]


def curve(counts: pl.DataFrame, asked: Retention, *, first_day: date, level: float, headline: int) -> Answer:
    """The answer: the mean of one period over complete cohorts, weighted by their size, with all other periods.

    Args:
        counts: rows of the input.
        asked: its specification.
        first_day: the first day of the window; a cohort that began before has not all its members and is left out.
        level: confidence of the intervals.
        headline: the period that is the value.
    """
    whole = counts.filter(pl.col("cohort") >= first_day).sort("cohort", "offset")
    cells = tuple(_cell(*row, level=level) for row in whole.select(list(asked.columns)).iter_rows() if row[2])
    points = {first: _point(first, last, cells, level) for first, last in asked.stretches}
    shown = points[headline]
    details = Curve(headline, asked.unit, asked.clock, asked.mode, tuple(points.values()), cells)
    parts = tuple(
        Contribution(
            cell.cohort.isoformat(),
            cell.cohort.isoformat(),
            100 * cell.retained / cell.size,
            points=100 * cell.retained / shown.members,
            weight=cell.size / shown.members,
            n=cell.size,
        )
        for cell in cells
        if cell.complete and cell.offset == headline
    )
    value = None if shown.share is None else 100 * shown.share
    interval = wilson(shown.retained, shown.members, level=level)
    return Answer(value, n=shown.members, details=details, parts=parts, interval=interval)


def _cell(cohort: date, offset: int, size: int, eligible: int, retained: int, *, level: float) -> Cell:
    share, low, high = _share(retained, eligible, level)
    return Cell(cohort, offset, size, eligible, retained, share, low, high, complete=eligible == size)


def _point(first: int, last: int, cells: tuple[Cell, ...], level: float) -> Point:
    complete = [cell for cell in cells if cell.offset == first and cell.complete]
    members, retained = sum(cell.size for cell in complete), sum(cell.retained for cell in complete)
    return Point(first, last, members, retained, *_share(retained, members, level), len(complete))


def _share(retained: int, members: int, level: float) -> tuple[float | None, float | None, float | None]:
    interval: Interval | None = wilson(retained, members, level=level, scale=1)
    if interval is None:
        return None, None, None
    return retained / members, float(interval.low), float(interval.high)
