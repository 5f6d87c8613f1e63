"""Series of many metrics and subjects at once, in one statement."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from django.db import connection

from engage_server.metrics.series import Point
from engage_server.sdk import Status, Subject

Histories = Mapping[tuple[str, Subject], list[Point]]
# Day by day along the index, which has the day before the subject.
HISTORIES: Final = """
    SELECT series.metric, series.subject_kind, stored.subject_id,
           stored.day, measured.value, measured.status, measured.n, measured.definition_version
    FROM metrics_wording AS series
    CROSS JOIN generate_series(0, %(last)s::date - %(first)s::date) AS past (days)
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.day = %(first)s::date + past.days
        AND stored.superseded_at IS NULL {of_subjects}
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    WHERE series.metric = ANY(%(metrics)s) AND series.subject_kind = ANY(%(kinds)s)
    ORDER BY stored.day
"""
OF_SUBJECTS: Final = "AND stored.subject_id = ANY(%(subjects)s)"
# The values of which a part rests on few persons, and on one at least.
FEW: Final = """
    SELECT metric, subject_kind, subject_id, day FROM metrics_metricvalue
    WHERE metric = ANY(%(metrics)s) AND subject_kind = ANY(%(kinds)s) AND day BETWEEN %(first)s AND %(last)s
      AND superseded_at IS NULL {of_subjects}
      AND EXISTS (
          SELECT FROM jsonb_array_elements(contributions) AS part (it)
          WHERE it -> 'value' <> 'null' AND it -> 'n' <> 'null'
            AND (it ->> 'n')::numeric > 0 AND (it ->> 'n')::numeric < %(persons)s)
"""


def histories(
    metrics: Collection[str],
    kinds: Collection[str],
    *,
    first: date,
    last: date,
    subjects: Collection[int] | None = None,
) -> Histories:
    """The values in force from ``first`` to ``last``, both included, by metric and subject and in the order of days.

    ``subjects`` are ids; None means all of these kinds that have a value. Who has none is absent.
    """
    found: dict[tuple[str, Subject], list[Point]] = defaultdict(list)
    with connection.cursor() as cursor:
        statement = HISTORIES.format(of_subjects="" if subjects is None else OF_SUBJECTS)
        cursor.execute(statement, _asked(metrics, kinds, subjects, first=first, last=last))
        for metric, kind, id, day, value, status, n, version in cursor.fetchall():
            point = Point(day, None if value is None else float(value), Status(status), n, version)
            found[metric, Subject(kind, id)].append(point)
    return found


def few_days(
    metrics: Collection[str],
    kinds: Collection[str],
    *,
    first: date,
    last: date,
    persons: int,
    subjects: Collection[int] | None = None,
) -> frozenset[tuple[str, str, int, date]]:
    """Metric, kind, id and day of each value of which a part rests on fewer persons than these."""
    statement = FEW.format(of_subjects="" if subjects is None else OF_SUBJECTS.replace("stored.", ""))
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {**_asked(metrics, kinds, subjects, first=first, last=last), "persons": persons}
        )
        return frozenset(cursor.fetchall())


def _asked(
    metrics: Collection[str],
    kinds: Collection[str],
    subjects: Collection[int] | None,
    *,
    first: date,
    last: date,
) -> dict[str, Any]:
    return {
        "metrics": list(metrics),
        "kinds": list(kinds),
        "subjects": None if subjects is None else list(subjects),
        "first": first,
        "last": last,
    }
