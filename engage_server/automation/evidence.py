"""The figures of signals as they may be told to who may not see personal data. Inside the tenant's scope.

What rests on fewer persons than the tenant's minimum is withheld, as it is where the metric itself is asked for: the figures
are null, what the rule asked for stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Self

from engage_server.automation.models import Signal
from engage_server.metrics.models import MetricValue
from engage_server.metrics.series import days_of_few
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Sample

FIGURES: Final = frozenset({"value", "n", "former", "expected", "low", "high"})
Place = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Told:
    """Figures of a metric, or of anything else, that speak of a subject on a day."""

    kind: str
    subject: int
    day: date
    evidence: Mapping[str, Any]

    @classmethod
    def of(cls, signal: Signal) -> Self:
        """What a signal rests on."""
        return cls(signal.subject_kind, signal.subject, signal.raised_on, signal.evidence)

    @property
    def places(self) -> tuple[Place, ...]:
        """The subject's days whose values are among the figures: the signal's and the one that it is compared with."""
        before = self.evidence.get("days", 0) if "former" in self.evidence else 0
        return ((self.subject, self.day), (self.subject, self.day - timedelta(days=before)))


def shown(told: Sequence[Told], *, minimum: int) -> list[Mapping[str, Any]]:
    """The evidence of each as it may be told: figures that rest on fewer than so many persons are null.

    A statement for each metric and kind of subject, however many there are. Figures of no metric (days until a renewal,
    times that an event was done) rest on no sample and stay.
    """
    by_metric: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in told:
        if "metric" in one.evidence:
            by_metric[one.evidence["metric"], one.kind].append(one)
    few = {key: _few(*key, of_metric, minimum) for key, of_metric in by_metric.items()}
    return [
        _without_figures(one.evidence)
        if not few.get((one.evidence.get("metric", ""), one.kind), frozenset()).isdisjoint(one.places)
        or _rests_on_few(one.evidence, minimum)
        else one.evidence
        for one in told
    ]


def _few(metric: str, kind: str, told: Iterable[Told], minimum: int) -> frozenset[Place]:
    """The subjects and days on which the metric rests on few persons."""
    places = {place for one in told for place in one.places}
    subjects, days = {subject for subject, _ in places}, {day for _, day in places}
    match _sample_of(metric):
        case Sample.THINGS:
            return frozenset()
        case Sample.PARTS:
            return days_of_few(metric, kind, subjects, first=min(days), last=max(days), persons=minimum)
        case Sample.PERSONS:
            found = MetricValue.objects.filter(
                metric=metric, subject_kind=kind, subject_id__in=subjects, day__in=days, superseded_at=None,
                n__gt=0, n__lt=minimum,
            )  # fmt: skip
            return frozenset(found.values_list("subject_id", "day"))


def _rests_on_few(evidence: Mapping[str, Any], minimum: int) -> bool:
    """Whether the figures themselves say so, whatever was restated since."""
    metric = evidence.get("metric")
    is_of_persons = metric is not None and _sample_of(metric) is Sample.PERSONS
    return is_of_persons and 0 < evidence.get("n", 0) < minimum


def _sample_of(metric: str) -> Sample:
    """What the metric's sample counts; persons, where its plugin is not installed any more."""
    plugin_id, _, metric_id = metric.partition(".")
    plugin = registry().plugins.get(plugin_id)
    metrics = plugin.manifest.metrics if plugin else ()
    return next((one.sample for one in metrics if one.id == metric_id), Sample.PERSONS)


def _without_figures(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if name in FIGURES else value for name, value in evidence.items()}
