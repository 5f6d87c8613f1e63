"""Tells since when there are values about accounts. Inside the tenant's scope."""

from collections.abc import Collection
from datetime import date
from typing import Final

from django.db import connection

# From one metric to the next along the index, then an entry of it for each metric and account.
FIRST: Final = """
    WITH RECURSIVE known (metric) AS (
        (SELECT metric FROM metrics_metricvalue WHERE superseded_at IS NULL ORDER BY metric LIMIT 1)
        UNION ALL
        SELECT (SELECT metric FROM metrics_metricvalue
                WHERE superseded_at IS NULL AND metric > known.metric ORDER BY metric LIMIT 1)
        FROM known WHERE known.metric IS NOT NULL
    )
    SELECT min(first.day)
    FROM known CROSS JOIN unnest(%s::int[]) AS account (id)
    CROSS JOIN LATERAL (
        SELECT day FROM metrics_metricvalue
        WHERE metric = known.metric AND subject_kind = 'account' AND subject_id = account.id
          AND superseded_at IS NULL
        ORDER BY day LIMIT 1) first
"""


def first_day_of(accounts: Collection[int]) -> date | None:
    """The first day with a value in force about one of these accounts."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, [list(accounts)])
        first: date | None = cursor.fetchone()[0]
    return first
