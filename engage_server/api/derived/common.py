"""What every value of a metric has in GraphQL, whatever its plugin: the one place to add a field to all of them.

A field of ``MetricResult`` stands in every derived type and in the generic ``MetricValue``. Its resolver finds the value
in ``self.stored`` and, behind ``info.context``, readers that know who asks. One that reads more than the value asks a
reader that answers for all subjects which the request has announced, so that a page of results takes a fixed number of
statements, and has its price in ``engage_server.api.costs.OF_THE_CORE``. Its name goes into ``RESERVED`` of
``engage_server.sdk.details``, which keeps plugins' details from taking it.

What all plugins' fields are asked with (``on``, …) is ``Asked`` in ``engage_server.api.derived.plugins``.
"""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

import strawberry
from strawberry.scalars import JSON

from engage_server import sdk
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.languages import text_in
from engage_server.api.types.anomalies import Anomaly, Trend
from engage_server.api.types.benchmarks import AppliedBenchmark, compared_value
from engage_server.api.types.changes import (
    Freshness,
    Restatement,
    ValueChange,
    change_since,
    changed_since,
    freshness_of,
    restatements_of,
)
from engage_server.api.types.circular import (
    LazyDefinition,
    SubjectNode,
    definition_of,
    subject_node,
)
from engage_server.api.types.intervals import Interval
from engage_server.api.types.series import Series
from engage_server.api.types.subjects import SubjectKind
from engage_server.metrics.series import MOST_DAYS, Grain
from engage_server.sdk.graphql import MetricStatus, StoredValue, expose_enum

expose_enum(
    sdk.Direction,
    name="MetricDirection",
    description="Which way of moving is good; VARIES: each value says it.",
)
MOST_IN_A_LINE: Final = 90  # days that cost no more than a point
COMPUTED_NOW: Final = (
    0  # the revision of values that are not stored; a group's would be judged by its tenant's series
)
# Fields that are those of the stored value, read when they are asked for.
LATER: Final = frozenset(
    {"day", "definition_version", "configuration_version", "revision", "computed_at", "data_as_of"}
)


@strawberry.type(description="One part of a value; where all parts have points, they sum up to it.")
class Contribution:
    key: str
    label: str
    value: float | None
    points: float | None
    weight: float | None
    n: int | None
    note: str


@strawberry.type(description="Half-open interval [start, end) in the tenant's time zone.")
class Window:
    start: datetime
    end: datetime
    timezone: str


@strawberry.interface(description="What every value of a metric has.")
class MetricResult:
    stored: strawberry.Private[StoredValue]
    metric: strawberry.ID = strawberry.field(description="Full id: the plugin's, a dot, the metric's.")
    subject_kind: SubjectKind
    label: str = strawberry.field(description="The subject's name; empty for the tenant.")
    day: date
    value: float | None
    status: MetricStatus
    n: int = strawberry.field(description="Sample size; what it counts is the metric's own.")
    definition_version: int
    configuration_version: int
    revision: int
    computed_at: datetime
    data_as_of: datetime | None

    @strawberry.field
    def window(self) -> Window:
        kept = self.stored
        return Window(start=kept.window_start, end=kept.window_end, timezone=kept.timezone)

    @strawberry.field(
        description="Days from the value's day to the tenant's present one: 0 while the day runs, 1 for yesterday's."
    )
    def age_days(self) -> int:
        return (datetime.now(ZoneInfo(self.stored.timezone)).date() - self.day).days

    @strawberry.field
    def contributions(self) -> list[Contribution]:
        return [
            Contribution(
                key=part["key"],
                label=part["label"],
                value=part.get("value"),
                points=part.get("points"),
                weight=part.get("weight"),
                n=part.get("n"),
                note=part.get("note", ""),
            )
            for part in self.stored.contributions
        ]

    @strawberry.field(
        description="All further figures as they are stored; typed ones are fields of their own."
    )
    def details(self) -> JSON:
        return JSON(dict(self.stored.details))

    @strawberry.field(
        description="Null where the value is withheld or has none; `noInterval` says why a metric has none at all."
    )
    def interval(self) -> Interval | None:
        return Interval.of(self.stored.interval)

    @strawberry.field(description="Why values of this metric have no interval; empty where they have one.")
    def no_interval(self, info: Info) -> str:
        return info.context.metric(self.metric)[1].no_interval

    @strawberry.field(
        description="The value's own unit, else that of its definition, in the language if known."
    )
    def unit(self, info: Info, language: str = "en") -> str:
        _, metric = info.context.metric(self.metric)
        own = self.stored.unit
        return (
            text_in(metric.units, language, default=metric.unit) if own in (None, metric.unit) else str(own)
        )

    @strawberry.field(
        description="Which way is good for this value; that of its definition where it says none."
    )
    def direction(self, info: Info) -> sdk.Direction:
        return self.stored.direction or info.context.metric(self.metric)[1].direction

    @strawberry.field(
        description="The value between 0 (worst) and 100 (best) of what was measured; null where the plugin says none."
    )
    def normalised(self) -> float | None:
        return self.stored.normalised

    @strawberry.field
    def definition(self, info: Info) -> LazyDefinition:
        return definition_of(self.metric, info.context)

    @strawberry.field(
        description="Published figures of the definition card: which of them apply to this value, and where it stands."
    )
    def benchmarks(self, info: Info) -> list[AppliedBenchmark]:
        _, metric = info.context.metric(self.metric)
        compared = compared_value(info.context, self.stored, metric)
        return [AppliedBenchmark.to(one, self.value, compared) for one in metric.card.benchmarks]

    @strawberry.field(
        description="What the value is of; null for the tenant, and for what is gone or may not be shown."
    )
    def subject(self, info: Info) -> SubjectNode | None:
        of = self.stored.subject
        return subject_node(info.context, of.kind, of.id)

    @strawberry.field(
        description=f"The subject's values from one day to another, both included; at most {MOST_DAYS} days."
    )
    def series(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        grain: Grain = Grain.DAY,
    ) -> Series:
        return Series.of(info, self.metric, self.stored.subject, first=from_, last=to, grain=grain)

    @strawberry.field(
        description="The subject's values of the last days up to this one, its own the last: the line beside a figure. "
        f"1 to {MOST_IN_A_LINE} days."
    )
    def sparkline(self, info: Info, days: int = 30) -> Series:
        if not 1 <= days <= MOST_IN_A_LINE:
            raise BadUserInputError(
                f"days is {days}. Remedy: 1 to {MOST_IN_A_LINE}; `series` gives longer ranges."
            )
        first = self.day - timedelta(days=days - 1)
        return Series.of(info, self.metric, self.stored.subject, first=first, last=self.day, grain=Grain.DAY)

    @strawberry.field(
        description="This value beside the subject's of another day, or of so many days before it; null where it has none "
        "on that day."
    )
    def compare_to(
        self, info: Info, on: date | None = None, days_before: int | None = None
    ) -> "MetricComparison | None":
        on = _one_day(self.day, on, days_before, name="on")
        other = info.context.metrics.latest(self.metric, self.stored.subject, on)
        return None if other is None else MetricComparison(value=self, other=type(self).of(other))

    @strawberry.field(
        description="Why this value is another one than on an earlier day, or so many days before; the causes add up to the "
        "change."
    )
    def explain_change(
        self, info: Info, since: date | None = None, days_before: int | None = None
    ) -> ValueChange:
        return change_since(info, self.stored, _one_day(self.day, since, days_before, name="since"))

    @strawberry.field(
        description="Whether the value is unusual, against the eight weeks before this one and by weekday; null where the "
        "value was computed when it was asked for, since no series of such values is stored."
    )
    def anomaly(self, info: Info) -> Anomaly | None:
        return None if self.stored.revision == COMPUTED_NOW else Anomaly.of(info, self.stored)

    @strawberry.field(
        description="Whether the values of the last eight weeks rise or fall beyond chance; null as `anomaly`."
    )
    def trend(self, info: Info) -> Trend | None:
        return None if self.stored.revision == COMPUTED_NOW else Trend.of(info, self.stored)

    @strawberry.field(
        description="How the value of this day was replaced since it was first seen, the oldest first."
    )
    def restatements(self, info: Info) -> list[Restatement]:
        return restatements_of(info, self.stored)

    @strawberry.field(
        description="How this value was restated since a moment; null where it is what it was. Send the `dataAsOf` that you "
        "saw."
    )
    def changed_since(self, info: Info, data_as_of: datetime) -> Restatement | None:
        return changed_since(info, self.stored, data_as_of)

    @strawberry.field
    def freshness(self) -> Freshness:
        return freshness_of(self.stored)

    @classmethod
    def of(cls, stored: StoredValue) -> Self:
        """The GraphQL form of a stored value."""
        made = object.__new__(cls)
        made.__dict__ = {
            "stored": stored,
            "metric": stored.metric,
            "label": stored.label,
            "value": stored.value,
            "status": stored.status,
            "n": stored.n,
        }
        return made

    def __getattr__(self, name: str) -> Any:
        """What else is said of the value, when it is asked for: of most a screen shows the figure alone."""
        if name == "subject_kind":
            return SubjectKind(self.stored.subject.kind)
        if name in LATER:
            return getattr(self.stored, name)
        raise AttributeError(name)


@strawberry.type(description="Two values of one metric and subject.")
class MetricComparison:
    value: strawberry.Private[MetricResult]
    other: MetricResult = strawberry.field(description="The value compared with.")

    @strawberry.field(description="This value less the other; null where one of them is null.")
    def difference(self) -> float | None:
        return _difference(self.value.value, self.other.value)

    @strawberry.field(
        description="The difference as a share of the other's amount: 0.1 is a tenth more; null where that is 0."
    )
    def share(self) -> float | None:
        difference = _difference(self.value.value, self.other.value)
        return None if difference is None or not self.other.value else difference / abs(self.other.value)

    @strawberry.field(description="Whether both were reckoned by one definition under one configuration.")
    def is_comparable(self) -> bool:
        mine, others = self.value, self.other
        return (mine.definition_version, mine.configuration_version) == (
            others.definition_version,
            others.configuration_version,
        )


def _difference(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _one_day(day: date, given: date | None, days_before: int | None, *, name: str) -> date:
    """The day that is meant: the one that was given, or so many before the value's own."""
    if (given is None) == (days_before is None):
        raise BadUserInputError(f"One of {name} and daysBefore says which day. Remedy: give one of them.")
    if given is not None:
        return given
    if days_before is None or not 1 <= days_before <= MOST_DAYS:
        raise BadUserInputError(f"daysBefore is {days_before}. Remedy: 1 to {MOST_DAYS}.")
    return day - timedelta(days=days_before)
