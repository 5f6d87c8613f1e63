"""Reads stored values for principals that may not see all: those of one account, and those without personal data."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from engage_server.access.exceptions import NotPermittedError
from engage_server.access.principal import Permission, Principal
from engage_server.api.personal_details import without_personal
from engage_server.metrics import histories, series
from engage_server.metrics.account_queries import Withholding
from engage_server.metrics.anomalies import WHOLE
from engage_server.metrics.histories import Histories
from engage_server.metrics.reader import StoredMetricReader
from engage_server.metrics.revisions import Revision
from engage_server.metrics.series import Grain, Point
from engage_server.metrics.series_details import PointDetails, details_of
from engage_server.plugin_host.registry import registry
from engage_server.sdk import TENANT, Metric, Sample, Status, Subject
from engage_server.sdk.graphql import StoredValue

PERSON: Final = "person"


class RestrictedMetricReader(StoredMetricReader):
    """What every resolver reads through, the plugins' too: so none has to know who asks.

    Without ``personal:read`` fields of details that are marked as personal are null, and values of fewer persons than the
    tenant's minimum are withheld: SUPPRESSED, without value, sample size and all that explains them.
    """

    def __init__(self, principal: Principal) -> None:
        super().__init__()
        self._account_id = principal.account_id
        self._shows_persons = principal.may(Permission.PERSONAL_READ)
        self._minimum = principal.tenant.minimum_persons
        self._metrics: dict[str, Metric | None] = {}
        self._series: dict[tuple[str, str, date, date, Grain], dict[int, list[Point]]] = defaultdict(dict)
        self._series_details: dict[tuple[str, str, tuple[date, ...]], dict[int, dict[date, PointDetails]]] = (
            defaultdict(dict)
        )
        self._histories: dict[tuple[str, str, date], dict[int, list[Point]]] = defaultdict(dict)

    def latest(self, metric: str, subject: Subject, on: date | None = None) -> StoredValue | None:
        """As the parent's.

        Raises:
            NotPermittedError: the subject is not the principal's account.
        """
        self._require(subject.kind, subject.id)
        return super().latest(metric, subject, on)

    def latest_of(
        self, metrics: Collection[str], subject: Subject, on: date | None = None
    ) -> dict[str, StoredValue]:
        """As the parent's.

        Raises:
            NotPermittedError: the subject is not the principal's account.
        """
        self._require(subject.kind, subject.id)
        return super().latest_of(metrics, subject, on)

    def by_subject(self, metric: str, kind: str, on: date | None = None) -> list[StoredValue]:
        """As the parent's; what is withheld comes last, since its place would tell the value.

        Raises:
            NotPermittedError: the principal sees one account alone.
        """
        self._require(kind, None)
        found = super().by_subject(metric, kind, on)
        shown = [value for value in found if value.status is not Status.SUPPRESSED]
        withheld = [value for value in found if value.status is Status.SUPPRESSED]
        return [*shown, *sorted(withheld, key=lambda value: (value.label, value.subject.id))]

    def revisions(self, metric: str, subject: Subject, day: date) -> tuple[Revision, ...]:
        """As the parent's.

        Raises:
            NotPermittedError: the subject is not the principal's account.
        """
        self._require(subject.kind, subject.id)
        return super().revisions(metric, subject, day)

    def all_revisions(self, metric: str, kind: str, day: date) -> dict[int, tuple[Revision, ...]]:
        """As the parent's.

        Raises:
            NotPermittedError: the principal sees one account alone.
        """
        self._require(kind, None)
        return super().all_revisions(metric, kind, day)

    def withholds(self, metric: str, subject: Subject, day: date) -> bool:
        """Whether what was known of a day's value is withheld: one of its revisions is, or none is stored any more.

        For what was copied from a value at a time that nobody noted, so from any revision.

        Raises:
            NotPermittedError: the subject is not the principal's account.
        """
        self._require(subject.kind, subject.id)
        if self._shows_persons or self._sample_of(metric) is Sample.THINGS:
            return False
        known = self.revisions(metric, subject, day)
        return not known or any(one.value.status is Status.SUPPRESSED for one in known)

    def series(self, metric: str, subject: Subject, *, first: date, last: date, grain: Grain) -> list[Point]:
        """``metrics.series`` as the principal may see it.

        Raises:
            InvalidRangeError: as there.
            NotPermittedError: the subject is not the principal's account.
        """
        self._require(subject.kind, subject.id)
        answers = self._series[metric, subject.kind, first, last, grain]
        if subject.id not in answers:
            wanted = {subject.id} | (self._expected[subject.kind] - answers.keys())
            answers.update(
                self._load_series(metric, subject.kind, wanted, first=first, last=last, grain=grain)
            )
        return answers[subject.id]

    def series_details(
        self, metric: str, subject: Subject, days: Collection[date]
    ) -> Mapping[date, PointDetails]:
        """How sure the subject's values of these days are, and whether they were restated; see ``series_details``.

        One statement for all subjects that are announced. What is withheld of a series is to be left out by who shows it.

        Raises:
            NotPermittedError: the subject is not the principal's account.
        """
        self._require(subject.kind, subject.id)
        answers = self._series_details[metric, subject.kind, tuple(days)]
        if subject.id not in answers:
            wanted = {subject.id} | (self._expected[subject.kind] - answers.keys())
            answers.update({id: {} for id in wanted})
            for (id, day), found in details_of(metric, subject.kind, wanted, days).items():
                answers[id][day] = found
        return answers[subject.id]

    def _load_series(
        self, metric: str, kind: str, ids: Collection[int], *, first: date, last: date, grain: Grain
    ) -> Mapping[int, list[Point]]:
        kept = series.series_of(metric, kind, ids, first=first, last=last, grain=grain)
        sample = self._sample_of(metric)
        if self._shows_persons or sample is Sample.THINGS:
            return kept
        of_few = (
            series.days_of_few(metric, kind, ids, first=first, last=last, persons=self._minimum)
            if sample is Sample.PARTS
            else {
                (id, point.day)
                for id, points in kept.items()
                for point in points
                if 0 < point.n < self._minimum
            }
        )
        return {
            id: [_withheld(point) if (id, point.day) in of_few else point for point in points]
            for id, points in kept.items()
        }

    def history(self, metric: str, subject: Subject, on: date) -> list[Point]:
        """The points by which the value of a day is judged, its own being the last, as the principal may see them.

        One statement for all subjects that are announced; of the tenant, for all metrics that were read before.

        Raises:
            NotPermittedError: the subject is not the principal's account.
        """
        self._require(subject.kind, subject.id)
        if subject.id not in self._histories[metric, subject.kind, on]:
            metrics = {metric}
            if subject == TENANT:
                metrics |= {name for name, kind, _ in self._found if kind == TENANT.kind}
            wanted = {subject.id} | self._expected[subject.kind]
            first = on - timedelta(days=WHOLE - 1)
            found = self._read_histories(metrics, [subject.kind], first=first, last=on, subjects=wanted)
            for name in metrics:
                self._histories[name, subject.kind, on] |= {
                    id: found.get((name, Subject(subject.kind, id)), []) for id in wanted
                }
        return self._histories[metric, subject.kind, on][subject.id]

    def histories(
        self, metrics: Collection[str], kinds: Collection[str], *, first: date, last: date
    ) -> Histories:
        """The series of all subjects of these kinds (see ``metrics.histories``), as the principal may see them.

        Raises:
            NotPermittedError: the principal sees one account alone.
        """
        self._require("segment", None)
        return self._read_histories(metrics, kinds, first=first, last=last)

    def _read_histories(
        self,
        metrics: Collection[str],
        kinds: Collection[str],
        *,
        first: date,
        last: date,
        subjects: Collection[int] | None = None,
    ) -> Histories:
        found = histories.histories(metrics, kinds, first=first, last=last, subjects=subjects)
        if self._shows_persons:
            return found
        by_parts = [metric for metric in metrics if self._sample_of(metric) is Sample.PARTS]
        of_few = (
            histories.few_days(
                by_parts, kinds, first=first, last=last, persons=self._minimum, subjects=subjects
            )
            if by_parts
            else frozenset()
        )
        persons = {metric for metric in metrics if self._sample_of(metric) is Sample.PERSONS}
        return {
            (metric, subject): [
                _withheld(point)
                if (metric, subject.kind, subject.id, point.day) in of_few
                or (metric in persons and 0 < point.n < self._minimum)
                else point
                for point in points
            ]
            for (metric, subject), points in found.items()
        }

    def restricted(self, values: list[StoredValue]) -> list[StoredValue]:
        """Values that were computed now, as the principal may see them.

        Raises:
            NotPermittedError: the principal sees one account alone.
        """
        self._require("segment", None)
        return self._shown(values)

    def withholding(self, metrics: Collection[str]) -> Withholding:
        """Which of these metrics' values are hidden from the principal where they rest on few persons."""
        if self._shows_persons:
            return Withholding(0)
        samples = {metric: self._sample_of(metric) for metric in metrics}
        return Withholding(
            self._minimum,
            by_sample=frozenset(name for name, sample in samples.items() if sample is Sample.PERSONS),
            by_parts=frozenset(name for name, sample in samples.items() if sample is Sample.PARTS),
        )

    def _require(self, kind: str, id: int | None) -> None:
        if self._account_id is not None and (kind, id) != ("account", self._account_id):
            raise NotPermittedError(
                f"These are values of another subject ({kind}), and this token opens one account. "
                "Remedy: ask `account` for the metrics of that account."
            )

    def _shown(self, values: list[StoredValue]) -> list[StoredValue]:
        return values if self._shows_persons else [self._restrict(value) for value in values]

    def _restrict(self, value: StoredValue) -> StoredValue:
        # A person's label is the name that the tenant knows it by, often an e-mail address.
        label = "" if value.subject.kind == PERSON else value.label
        if not self._is_of_few(value):
            declared = self._declared(value.metric)
            details = without_personal(declared.details if declared else None, value.details)
            return replace(value, label=label, details=details)
        return replace(
            value,
            label=label,
            value=None,
            status=Status.SUPPRESSED,
            n=0,
            contributions=(),
            details={},
            unit=None,
            direction=None,
            interval=None,
            normalised=None,
        )

    def _is_of_few(self, value: StoredValue) -> bool:
        sample = self._sample_of(value.metric)
        if sample is Sample.THINGS:
            return False
        sizes = [value.n]
        if sample is Sample.PARTS:
            sizes = [part.get("n") or 0 for part in value.contributions if part.get("value") is not None]
        return any(0 < size < self._minimum for size in sizes)

    def _sample_of(self, metric: str) -> Sample:
        """What the metric's ``n`` counts; persons, where its plugin is not installed any more."""
        declared = self._declared(metric)
        return declared.sample if declared else Sample.PERSONS

    def _declared(self, metric: str) -> Metric | None:
        """The metric's declaration, looked up once: a list asks for it with each of its values."""
        if metric not in self._metrics:
            plugin_id, _, metric_id = metric.partition(".")
            plugin = registry().plugins.get(plugin_id)
            metrics = plugin.manifest.metrics if plugin else ()
            self._metrics[metric] = next((one for one in metrics if one.id == metric_id), None)
        return self._metrics[metric]


def _withheld(point: Point) -> Point:
    return point._replace(value=None, status=Status.SUPPRESSED, n=0)
