"""Reads stored values in force, a page at a time, inside the tenant's scope.

One reader lives as long as one request. Code that puts subjects on a page announces them with ``expect``; the
first question for a metric of one of them answers it for all of them, in one statement.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final

from engage_server.metrics.models import MetricValue
from engage_server.metrics.stored_details import as_said
from engage_server.sdk import TENANT, Status, Subject
from engage_server.sdk.graphql import StoredValue

# Subject kind to the table that names its subjects (joined as ``named``) and the name's expression.
LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "account": ("customers_account", "COALESCE(NULLIF(named.name, ''), named.external_id)"),
    "person": ("customers_person", "named.external_id"),
    "feature": ("activity_feature", "named.name"),
}
# Suppressed persons are in no answer.
SHOWN: Final[Mapping[str, str]] = {"person": "NOT COALESCE(named.is_suppressed, false)"}
# Whether the metric was computed for a later day: one look at the index for each day since, and mostly there is none.
LATER: Final = """EXISTS (
    SELECT FROM generate_series(1, (SELECT max(day) FROM metrics_metricvalue) - last.day) AS following(days)
    CROSS JOIN LATERAL (
        SELECT FROM metrics_metricvalue AS later
        WHERE later.day = last.day + following.days AND later.metric = last.metric AND later.superseded_at IS NULL
        LIMIT 1
    ) AS computed)
"""
# A lateral look-up reads one index entry per metric and subject, where DISTINCT ON reads every day's.
# Who has no value on the day that the metric was last computed for has none today, whatever there was before.
NEWEST: Final = """
    WITH stored AS MATERIALIZED (
        SELECT newest.*
        FROM unnest(%(metrics)s::text[]) AS asked(metric)
        CROSS JOIN unnest(%(subjects)s::int[]) AS subject(id)
        CROSS JOIN LATERAL (
            SELECT * FROM metrics_metricvalue AS value
            WHERE value.metric = asked.metric AND value.subject_kind = %(kind)s
              AND value.subject_id = subject.id AND value.superseded_at IS NULL
              AND (%(on)s::date IS NULL OR value.day = %(on)s::date)
            ORDER BY value.day DESC LIMIT 1
        ) AS newest
    ),
    asked AS MATERIALIZED (
        SELECT metric, day FROM (SELECT metric, max(day) AS day FROM stored GROUP BY metric) AS last
        WHERE %(on)s::date IS NOT NULL OR NOT {later}
    )
    SELECT found.*, {label} AS label
    FROM stored AS found JOIN asked ON asked.metric = found.metric AND asked.day = found.day
    {join}
    WHERE {shown}
"""
BY_SUBJECT: Final = """
    WITH last AS MATERIALIZED (
        SELECT %(metric)s AS metric, max(day) AS day FROM metrics_metricvalue
        WHERE metric = %(metric)s AND subject_kind = %(kind)s AND superseded_at IS NULL
    ),
    asked AS MATERIALIZED (
        SELECT COALESCE(%(on)s::date, day) AS day FROM last WHERE %(on)s::date IS NOT NULL OR NOT {later}
    )
    SELECT found.*, {label} AS label
    FROM metrics_metricvalue AS found
    {join}
    WHERE {shown} AND found.metric = %(metric)s AND found.subject_kind = %(kind)s
      AND found.superseded_at IS NULL AND found.day = (SELECT day FROM asked)
    ORDER BY found.value DESC NULLS LAST, label, found.subject_id
"""


class StoredMetricReader:
    """The server's MetricReader (see ``engage_server.sdk.graphql``)."""

    def __init__(self) -> None:
        self._expected: dict[str, set[int]] = defaultdict(set)
        # (metric, subject kind, day or None for the newest) -> subject id -> value; None: asked, there is none.
        self._found: dict[tuple[str, str, date | None], dict[int, StoredValue | None]] = defaultdict(dict)

    def expect(self, kind: str, ids: Iterable[int]) -> None:
        """Announce subjects about which questions may follow."""
        self._expected[kind].update(ids)

    def latest(self, metric: str, subject: Subject, on: date | None = None) -> StoredValue | None:
        """The value in force of one day (default: the metric's newest). Null where the subject has none on it."""
        return self.latest_of([metric], subject, on).get(metric)

    def latest_of(
        self, metrics: Collection[str], subject: Subject, on: date | None = None
    ) -> dict[str, StoredValue]:
        """What ``latest`` says for each of several metrics, in one statement; those without a value are absent."""
        missing = [name for name in metrics if subject.id not in self._found[name, subject.kind, on]]
        if missing:
            self._load(missing, subject=subject, on=on)
        found = {name: self._found[name, subject.kind, on][subject.id] for name in metrics}
        return {name: value for name, value in found.items() if value is not None}

    def by_subject(self, metric: str, kind: str, on: date | None = None) -> list[StoredValue]:
        """The values of all subjects of a kind on one day (default: the metric's newest), by value, high first.

        Null values come last; equal ones are in the order of their labels.
        """
        return self._shown(_values(BY_SUBJECT, kind, {"metric": metric, "on": on}))

    def _shown(self, values: list[StoredValue]) -> list[StoredValue]:
        """What was read, as it is to be seen: here as it is."""
        return values

    def _load(self, metrics: Collection[str], *, subject: Subject, on: date | None) -> None:
        known = [self._found[name, subject.kind, on] for name in metrics]
        wanted = {subject.id} | {
            id for id in self._expected[subject.kind] if any(id not in answers for answers in known)
        }
        for answers in known:
            answers.update({id: answers.get(id) for id in wanted})
        question = {"metrics": list(metrics), "subjects": sorted(wanted), "on": on}
        for value in self._shown(_values(NEWEST, subject.kind, question)):
            self._found[value.metric, subject.kind, on][value.subject.id] = value


def _values(statement: str, kind: str, params: Mapping[str, Any]) -> list[StoredValue]:
    table, label = LABELS.get(kind, (None, "''"))
    join = f"LEFT JOIN {table} AS named ON named.id = found.subject_id" if table else ""
    shown = SHOWN.get(kind, "true")
    rows = MetricValue.objects.raw(
        statement.format(label=label, join=join, shown=shown, later=LATER), {**params, "kind": kind}
    )
    return [_stored(row) for row in rows if not _is_absence(row)]


def _is_absence(row: Any) -> bool:
    """Whether the row only tells that the day was computed (see ``Measurement.is_absence``)."""
    says_more = row.n or row.contributions or row.details
    return row.status == Status.NO_DATA and not says_more and row.subject_kind != TENANT.kind


def _stored(row: Any) -> StoredValue:
    said = as_said(row.details)
    return StoredValue(
        metric=row.metric,
        subject=Subject(row.subject_kind, row.subject_id),
        label=row.label or "",
        day=row.day,
        value=None if row.value is None else float(row.value),
        status=Status(row.status),
        n=row.n,
        window_start=row.window_start,
        window_end=row.window_end,
        timezone=row.timezone,
        definition_version=row.definition_version,
        configuration_version=row.configuration_version,
        revision=row.revision,
        computed_at=row.computed_at,
        data_as_of=row.data_as_of,
        contributions=row.contributions,
        details=said.details,
        unit=said.unit,
        direction=said.direction,
        interval=said.interval,
        normalised=said.normalised,
    )
