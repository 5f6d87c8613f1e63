"""Reads all revisions of values of one metric and day: what was restated, when and why. Inside the tenant's scope."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from engage_server.metrics.stored_rows import COLUMNS, JOINED, as_stored_value
from engage_server.sdk import Status
from engage_server.sdk.graphql import StoredValue

REVISIONS: Final = """
    SELECT {columns}, stored.superseded_at, COALESCE(reason.body #>> '{{}}', '')
    FROM metrics_wording AS series
    {stored}
    {joined}
    LEFT JOIN metrics_wording AS reason ON reason.id = stored.reason_id
    WHERE series.metric = %(metric)s AND series.subject_kind = %(kind)s
    ORDER BY stored.subject_id, stored.revision
"""
# What is in force and what was superseded have an index each.
STORED: Final = """
    CROSS JOIN LATERAL (
        SELECT * FROM metrics_dayvalue
        WHERE superseded_at IS NULL AND series_id = series.id AND day = %(day)s {of_subjects}
        UNION ALL
        SELECT * FROM metrics_dayvalue
        WHERE superseded_at IS NOT NULL AND series_id = series.id AND day = %(day)s {of_subjects}
    ) AS stored
"""
OF_ALL: Final = STORED.format(of_subjects="")
OF_SOME: Final = STORED.format(of_subjects="AND subject_id = ANY(%(subjects)s::int[])")
# Along the index of what was superseded, however long the history.
RESTATED: Final = """
    WITH past AS MATERIALIZED (
        SELECT stored.series_id, stored.subject_id, stored.day, max(stored.superseded_at) AS superseded_at
        FROM metrics_dayvalue AS stored
        WHERE stored.superseded_at > %(moment)s
        GROUP BY stored.series_id, stored.subject_id, stored.day
    )
    SELECT series.metric, series.subject_kind, past.subject_id, past.day, past.superseded_at,
        COALESCE(reason.body #>> '{}', '')
    FROM past JOIN metrics_wording AS series ON series.id = past.series_id
    LEFT JOIN metrics_dayvalue AS now ON now.series_id = past.series_id AND now.day = past.day
        AND now.subject_id = past.subject_id AND now.superseded_at IS NULL
    LEFT JOIN metrics_wording AS reason ON reason.id = now.reason_id
    WHERE series.subject_kind = ANY(%(kinds)s) AND (%(metric)s::text IS NULL OR series.metric = %(metric)s)
    ORDER BY past.superseded_at DESC, past.day DESC, series.metric, past.subject_id
    LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a value. ``reason``: why it replaced the one before it; empty of the first."""

    value: StoredValue
    superseded_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Restated:
    """A value that was restated since a moment, and why; no reason where nothing came in its place."""

    metric: str
    subject_kind: str
    subject_id: int
    day: date
    superseded_at: datetime
    reason: str


def revisions_of(
    metric: str, kind: str, day: date, *, subjects: Collection[int] | None = None
) -> list[Revision]:
    """All revisions of these subjects (null: of all of the kind), by subject, the oldest first; one statement."""
    asked: dict[str, Any] = {
        "metric": metric, "kind": kind, "day": day, "subjects": None if subjects is None else list(subjects),
    }  # fmt: skip
    with connection.cursor() as cursor:
        stored = OF_ALL if subjects is None else OF_SOME
        cursor.execute(REVISIONS.format(columns=COLUMNS, joined=JOINED, stored=stored), asked)
        return [
            Revision(as_stored_value(row), superseded_at=row[-2], reason=row[-1]) for row in cursor.fetchall()
        ]


def restated_since(
    moment: datetime, *, kinds: Collection[str], limit: int, metric: str | None = None
) -> list[Restated]:
    """The values of these kinds of subjects that were restated after the moment, the newest restatement first."""
    asked: dict[str, Any] = {"moment": moment, "kinds": list(kinds), "limit": limit, "metric": metric}
    with connection.cursor() as cursor:
        cursor.execute(RESTATED, asked)
        return [Restated(*row) for row in cursor.fetchall()]


def settled(revisions: Sequence[Revision]) -> list[Revision]:
    """Without those of a day that still ran when they were computed: nobody took them for the day's value."""
    return [one for one in revisions if one.value.status is not Status.PARTIAL]


def in_force(revisions: Sequence[Revision]) -> StoredValue | None:
    """The revision in force; null where the value was taken back."""
    return next((one.value for one in revisions if one.superseded_at is None), None)
