"""The values of one metric and subject over a range of days, thinned to weeks or months where asked."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.db import connection

from engage_server.metrics.exceptions import InvalidRangeError
from engage_server.sdk import Status, Subject
from engage_server.tenancy.postgresql.prepared import read

# Day by day along the index, which has the day before the subject.
SERIES: Final = """
    SELECT stored.subject_id, stored.day, measured.value::float8, measured.status, measured.n, measured.definition_version
    FROM metrics_wording AS series
    CROSS JOIN generate_series(0, %(last)s::date - %(first)s::date) AS past (days)
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.day = %(first)s::date + past.days
        AND stored.subject_id = ANY(%(subjects)s::int[]) AND stored.superseded_at IS NULL
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    WHERE series.metric = %(metric)s AND series.subject_kind = %(kind)s
    ORDER BY stored.day
"""
# That a row of the view has a part which rests on fewer persons than these, and on one at least.
OF_FEW: Final = """EXISTS (
          SELECT FROM jsonb_array_elements(contributions) AS part (it)
          WHERE it -> 'value' <> 'null' AND it -> 'n' <> 'null'
            AND (it ->> 'n')::numeric > 0 AND (it ->> 'n')::numeric < {persons})"""
FEW: Final = f"""
    SELECT subject_id, day FROM metrics_metricvalue
    WHERE metric = %s AND subject_kind = %s AND subject_id = ANY(%s) AND day BETWEEN %s AND %s AND superseded_at IS NULL
      AND {OF_FEW.format(persons="%s")}
"""  # noqa: S608  # a constant of ours
STATUSES: Final = {status.value: status for status in Status}
MOST_DAYS: Final = 3_700  # ten years and some weeks: the longest range one statement may read


class Grain(StrEnum):
    """Length of the periods of a series. Weeks are ISO weeks, which begin on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class Point(NamedTuple):
    """One value of a series. ``day`` is the day the value is of, not the first of its period."""

    day: date
    value: float | None
    status: Status
    n: int
    definition_version: int


def series(
    metric: str, subject: Subject, *, first: date, last: date, grain: Grain = Grain.DAY
) -> list[Point]:
    """The values in force from ``first`` to ``last``, both included, by day; inside the tenant's scope.

    Days are those of the tenant's calendar, as computing stored them. A WEEK or MONTH keeps the last value in
    force of each period that overlaps the range. Days without a value are left out.

    Raises:
        InvalidRangeError: the range is empty or longer than ``MOST_DAYS``.
    """
    return series_of(metric, subject.kind, [subject.id], first=first, last=last, grain=grain)[subject.id]


def series_of(
    metric: str, kind: str, ids: Collection[int], *, first: date, last: date, grain: Grain = Grain.DAY
) -> dict[int, list[Point]]:
    """``series`` of each of these subjects of a kind, in one statement; empty for those without a value.

    Raises:
        InvalidRangeError: as there.
    """
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise InvalidRangeError(
            f"The days from {first} to {last} are no range of 1 to {MOST_DAYS} days. "
            "Remedy: put the earlier day first and ask for a shorter time."
        )
    asked: dict[str, Any] = {
        "metric": metric, "kind": kind, "subjects": list(ids), "first": first, "last": last,
    }  # fmt: skip
    found: dict[int, list[Point]] = {id: [] for id in ids}
    for id, day, value, status, n, version in read(SERIES, asked):
        found[id].append(Point(day, value, STATUSES[status], n, version))
    return {id: last_of_each(points, grain) for id, points in found.items()}


def days_of_few(
    metric: str, kind: str, ids: Collection[int], *, first: date, last: date, persons: int
) -> frozenset[tuple[int, date]]:
    """The subjects and days whose value in force has a part that rests on fewer persons than these, and on one at least."""
    with connection.cursor() as cursor:
        cursor.execute(FEW, [metric, kind, list(ids), first, last, persons])
        return frozenset(cursor.fetchall())


def last_of_each(points: Iterable[Point], grain: Grain) -> list[Point]:
    """The last point of each period; ``points`` come by day."""
    if grain is Grain.DAY:
        return list(points)
    return list({_period(point.day, grain): point for point in points}.values())


def _period(day: date, grain: Grain) -> date:
    if grain is Grain.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1)
