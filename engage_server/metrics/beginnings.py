"""Tells of which days there are values. Inside the tenant's scope."""

from collections.abc import Collection
from datetime import date
from typing import Final

from django.db import connection

# Of each series the first day that has one of the accounts: day by day along the index, which mostly ends at the first.
FIRST: Final = """
    SELECT min(first.day) FROM metrics_wording AS series
    CROSS JOIN LATERAL (
        SELECT stored.day FROM metrics_dayvalue AS stored
        WHERE stored.series_id = series.id AND stored.subject_id = ANY(%s::int[]) AND stored.superseded_at IS NULL
        ORDER BY stored.day LIMIT 1) AS first
    WHERE series.metric <> '' AND series.subject_kind = 'account'
"""
# From one day to the next along the index.
DAYS: Final = """
    WITH RECURSIVE known (series_id, day) AS (
        SELECT series.id, first.day FROM metrics_wording AS series
        CROSS JOIN LATERAL (
            SELECT day FROM metrics_dayvalue
            WHERE series_id = series.id AND day >= %(first)s AND superseded_at IS NULL ORDER BY day LIMIT 1) AS first
        WHERE series.metric = ANY(%(metrics)s)
        UNION ALL
        SELECT known.series_id, (
            SELECT day FROM metrics_dayvalue
            WHERE series_id = known.series_id AND day > known.day AND superseded_at IS NULL ORDER BY day LIMIT 1)
        FROM known WHERE known.day IS NOT NULL
    )
    SELECT DISTINCT day FROM known WHERE day IS NOT NULL ORDER BY day
"""


def first_day_of(accounts: Collection[int]) -> date | None:
    """The first day with a value in force about one of these accounts."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, [list(accounts)])
        first: date | None = cursor.fetchone()[0]
    return first


def days_of(metrics: Collection[str], *, first: date) -> list[date]:
    """The days from ``first`` on with a value in force of one of these metrics."""
    with connection.cursor() as cursor:
        cursor.execute(DAYS, {"metrics": list(metrics), "first": first})
        return [day for (day,) in cursor.fetchall()]
