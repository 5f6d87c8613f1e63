"""Reads stored values in force, a page at a time, inside the tenant's scope.

One reader lives as long as one request. Code that puts subjects on a page announces them with ``expect``; the
first question for a metric of one of them answers it for all of them, in one statement.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any, Final

from engage_server.metrics.revisions import Revision, revisions_of
from engage_server.metrics.stored_rows import COLUMNS, JOINED, as_stored_value
from engage_server.sdk import TENANT, Status, Subject
from engage_server.sdk.graphql import StoredValue
from engage_server.tenancy.postgresql.prepared import read

# Subject kind to the table that names its subjects (joined as ``named``) and the name's expression.
LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "account": ("customers_account", "COALESCE(NULLIF(named.name, ''), named.external_id)"),
    "person": ("customers_person", "named.external_id"),
    "feature": ("activity_feature", "named.name"),
}
# Suppressed persons are in no answer.
SHOWN: Final[Mapping[str, str]] = {"person": "NOT COALESCE(named.is_suppressed, false)"}
# Who has no value on the day that the metric was last computed for has none today, whatever there was before.
ASKED: Final = """
    WITH series AS MATERIALIZED (
        SELECT id, metric, subject_kind FROM metrics_wording WHERE metric = ANY(%(metrics)s::text[])
    ),
    asked AS MATERIALIZED (
        SELECT series.metric, COALESCE(%(on)s::date, max(newest.day)) AS day
        FROM series CROSS JOIN LATERAL (
            SELECT day FROM metrics_dayvalue WHERE series_id = series.id AND superseded_at IS NULL
            ORDER BY day DESC LIMIT 1) AS newest
        GROUP BY series.metric
    )
"""
VALUES: Final = """
    SELECT {columns}, {label} AS label
    FROM asked JOIN series ON series.metric = asked.metric AND series.subject_kind = %(kind)s
    {subjects}
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.day = asked.day
        AND stored.superseded_at IS NULL {of_subjects}
    {joined} {named}
    WHERE {shown}
"""
NEWEST: Final = (
    "CROSS JOIN unnest(%(subjects)s::int[]) AS subject(id)", "AND stored.subject_id = subject.id", "",
)  # fmt: skip
BY_SUBJECT: Final = ("", "", "ORDER BY measured.value DESC NULLS LAST, label, stored.subject_id")


class StoredMetricReader:
    """The server's MetricReader (see ``engage_server.sdk.graphql``)."""

    def __init__(self) -> None:
        self._expected: dict[str, set[int]] = defaultdict(set)
        # (metric, subject kind, day or None for the newest) -> subject id -> value; None: asked, there is none.
        self._found: dict[tuple[str, str, date | None], dict[int, StoredValue | None]] = defaultdict(dict)
        self._revisions: dict[tuple[str, str, date], dict[int, tuple[Revision, ...]]] = defaultdict(dict)
        self._foreseen: Collection[str] | None = None

    @property
    def is_foreseen(self) -> bool:
        """Whether ``foresee`` was called."""
        return self._foreseen is not None

    def foresee(self, metrics: Collection[str]) -> None:
        """Announce metrics of whose newest values questions may follow: the first one reads all of them."""
        self._foreseen = metrics

    def expect(self, kind: str, ids: Iterable[int]) -> None:
        """Announce subjects about which questions may follow."""
        self._expected[kind].update(ids)

    def latest(self, metric: str, subject: Subject, on: date | None = None) -> StoredValue | None:
        """The value in force of one day (default: the metric's newest). Null where the subject has none on it."""
        known = self._found.get((metric, subject.kind, on))
        if known is not None and subject.id in known:
            return known[subject.id]
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
        return self._shown([value for _, value in _values(BY_SUBJECT, kind, {"metrics": [metric], "on": on})])

    def revisions(self, metric: str, subject: Subject, day: date) -> tuple[Revision, ...]:
        """All revisions of one day's value, the oldest first."""
        known = self._revisions[metric, subject.kind, day]
        if subject.id not in known:
            wanted = {subject.id} | (self._expected[subject.kind] - known.keys())
            known.update(dict.fromkeys(wanted, ()))
            for id, found in self._by_subject(
                revisions_of(metric, subject.kind, day, subjects=sorted(wanted))
            ):
                known[id] = found
        return known[subject.id]

    def all_revisions(self, metric: str, kind: str, day: date) -> dict[int, tuple[Revision, ...]]:
        """All revisions of one day's values of all subjects of a kind, in one statement."""
        return dict(self._by_subject(revisions_of(metric, kind, day)))

    def _by_subject(self, found: list[Revision]) -> Iterator[tuple[int, tuple[Revision, ...]]]:
        shown = self._shown([one.value for one in found])
        told = [replace(one, value=value) for one, value in zip(found, shown, strict=True)]
        for id, of_subject in groupby(told, key=lambda one: one.value.subject.id):
            yield id, tuple(of_subject)

    def _shown(self, values: list[StoredValue]) -> list[StoredValue]:
        """What was read, as it is to be seen: here as it is."""
        return values

    def _load(self, metrics: Collection[str], *, subject: Subject, on: date | None) -> None:
        if on is None and self._foreseen:
            further = [
                name
                for name in self._foreseen
                if name not in metrics and (name, subject.kind, on) not in self._found
            ]
            metrics = [*metrics, *further]
        known = [self._found[name, subject.kind, on] for name in metrics]
        wanted = {subject.id} | {
            id for id in self._expected[subject.kind] if any(id not in answers for answers in known)
        }
        for answers in known:
            answers.update({id: answers.get(id) for id in wanted})
        question = {"metrics": list(metrics), "subjects": sorted(wanted), "on": on}
        found = _values(NEWEST, subject.kind, question)
        shown = self._shown([value for _, value in found])
        for (id, _), value in zip(found, shown, strict=True):
            self._found[value.metric, subject.kind, on][id] = value


def _values(
    question: tuple[str, str, str], kind: str, params: Mapping[str, Any]
) -> list[tuple[int, StoredValue]]:
    """The values that answer, each with its subject's id."""
    subjects, of_subjects, order = question
    table, label = LABELS.get(kind, (None, "''"))
    named = f"LEFT JOIN {table} AS named ON named.id = stored.subject_id" if table else ""
    values = VALUES.format(
        columns=COLUMNS, joined=JOINED, label=label, named=named, shown=SHOWN.get(kind, "true"),
        subjects=subjects, of_subjects=of_subjects,
    )  # fmt: skip
    rows = read(ASKED + values + order, {**params, "kind": kind})
    found = [(row[2], as_stored_value(row, label=row[-1] or "")) for row in rows]
    return [(id, value) for id, value in found if not _is_absence(value)]


def _is_absence(value: StoredValue) -> bool:
    """Whether the row only tells that the day was computed (see ``Measurement.is_absence``)."""
    if value.status is not Status.NO_DATA or value.n or value.subject.kind == TENANT.kind:
        return False
    return not (value.contributions or value.details)
