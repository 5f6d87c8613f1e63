"""Metrics in GraphQL: their definition cards, single values and series."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Self

import strawberry
from strawberry.scalars import JSON

from engage_server import sdk
from engage_server.access.principal import Permission
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import require_whole_tenant
from engage_server.api.types.subjects import plain, segment_number, stored_subject
from engage_server.engine import questions
from engage_server.metrics import series as stored_series
from engage_server.metrics.exceptions import InvalidRangeError
from engage_server.plugin_host.registry import Plugin
from engage_server.sdk.graphql import MetricResult, StoredValue, expose_enum, result

MOST_DAYS_NOW: Final = 31
MOST_VALUES_NOW: Final = 100
expose_enum(
    sdk.Direction,
    name="MetricDirection",
    description="Which way of moving is good; VARIES: each value says it.",
)
expose_enum(sdk.Timing, name="MetricTiming", description="Does it move before the outcome or with it?")
expose_enum(stored_series.Grain, name="Grain", description="Weeks begin on Monday.")


@strawberry.type(description="A worked example of the definition.")
class MetricVector:
    given: str
    expected: str
    source: str


@strawberry.type(description="A published figure to compare with.")
class MetricBenchmark:
    statement: str
    source: str
    low: float | None
    high: float | None
    applies_to: str
    verified: bool = strawberry.field(description="Whether the source's own data was checked.")


@strawberry.type(description="What a reader needs to trust the number.")
class MetricCard:
    formula: str
    source: str
    edge_rules: list[str]
    vectors: list[MetricVector]
    benchmarks: list[MetricBenchmark]
    timing: sdk.Timing
    vanity_risk: str = strawberry.field(
        description="How the number can look good while nothing improved; empty where no way is known."
    )
    refresh_cadence: str

    @classmethod
    def of(cls, card: sdk.Card) -> Self:
        """The card as a plugin declares it."""
        return cls(
            formula=card.formula,
            source=card.source,
            edge_rules=list(card.edge_rules),
            vectors=[
                MetricVector(given=vector.given, expected=vector.expected, source=vector.source)
                for vector in card.vectors
            ],
            benchmarks=[
                MetricBenchmark(
                    statement=benchmark.statement,
                    source=benchmark.source,
                    low=benchmark.low,
                    high=benchmark.high,
                    applies_to=benchmark.applies_to,
                    verified=benchmark.verified,
                )
                for benchmark in card.benchmarks
            ],
            timing=card.timing,
            vanity_risk=card.vanity_risk,
            refresh_cadence=card.refresh_cadence,
        )


@strawberry.type(description="A value of any metric.")
class MetricValue(MetricResult):
    subject_kind: str = strawberry.field(description="tenant, account, person, segment or feature.")
    label: str = strawberry.field(description="The subject's name; empty for the tenant.")
    own_unit: strawberry.Private[str | None]
    own_direction: strawberry.Private[sdk.Direction | None]

    @strawberry.field
    def definition(self, info: Info) -> "MetricDefinition":
        return MetricDefinition.of(*info.context.metric(self.metric))

    @strawberry.field(
        description="The value's own unit, else that of its definition, in the language if known."
    )
    def unit(self, info: Info, language: str = "en") -> str:
        _, metric = info.context.metric(self.metric)
        own = self.own_unit
        return metric.units.get(language, metric.unit) if own in (None, metric.unit) else str(own)

    @strawberry.field(
        description="Which way is good for this value; that of its definition where it says none."
    )
    def direction(self, info: Info) -> sdk.Direction:
        _, metric = info.context.metric(self.metric)
        return self.own_direction or metric.direction

    @classmethod
    def of(cls, value: StoredValue | None) -> Self | None:
        """The GraphQL form of a stored value."""
        return None if value is None else cls.made_of(value)

    @classmethod
    def made_of(cls, value: StoredValue) -> Self:
        """The GraphQL form of a value that there is."""
        return result(
            cls,
            value,
            subject_kind=value.subject.kind,
            label=value.label,
            own_unit=value.unit,
            own_direction=value.direction,
        )


@strawberry.type(description="A metric of an enabled plugin.")
class MetricDefinition:
    id: strawberry.ID = strawberry.field(description="Full id: the plugin's, a dot, the metric's.")
    plugin: str
    direction: sdk.Direction
    category: str
    subjects: list[str]
    definition_version: int
    schedule: str = strawberry.field(
        description="The plugin's default cron expression, read in the tenant's zone."
    )
    metric: strawberry.Private[sdk.Metric]

    @strawberry.field(description="In English where there is no translation.")
    def title(self, language: str = "en") -> str:
        return self.metric.titles.get(language, self.metric.title)

    @strawberry.field(
        description="In English where there is no translation; a value may have one of its own."
    )
    def unit(self, language: str = "en") -> str:
        return self.metric.units.get(language, self.metric.unit)

    @strawberry.field(description="The definition card.")
    def card(self) -> MetricCard:
        return MetricCard.of(self.metric.card)

    @strawberry.field(description="The tenant's own newest value; null where it has none.")
    def latest(self, info: Info) -> MetricValue | None:
        newest = info.context.metrics.latest_of(info.context.metric_ids("tenant"), sdk.TENANT)
        return MetricValue.of(newest.get(self.id))

    @classmethod
    def of(cls, plugin: Plugin, metric: sdk.Metric) -> Self:
        """The definition as the plugin's manifest declares it."""
        return cls(
            id=strawberry.ID(f"{plugin.id}.{metric.id}"),
            plugin=plugin.id,
            direction=metric.direction,
            category=metric.category,
            subjects=list(metric.subjects),
            definition_version=metric.definition_version,
            schedule=plugin.manifest.schedule,
            metric=metric,
        )


@strawberry.type
class SeriesPoint:
    day: date
    value: float | None
    status: sdk.Status
    n: int
    definition_version: int = strawberry.field(
        description="Values of different versions of the definition are no one curve."
    )


@strawberry.type(
    description="Values by day of the tenant's calendar, as columns of equal length and as points. Days without "
    "a value are left out. With grain WEEK or MONTH each period that overlaps the range has its last value "
    "in force, under that value's own day."
)
class Series:
    grain: stored_series.Grain
    kept: strawberry.Private[list[stored_series.Point]]

    @strawberry.field
    def days(self) -> list[date]:
        return [point.day for point in self.kept]

    @strawberry.field
    def values(self) -> list[float | None]:
        return [point.value for point in self.kept]

    @strawberry.field
    def statuses(self) -> list[sdk.Status]:
        return [point.status for point in self.kept]

    @strawberry.field(description="Of each value; where they differ, the curve has a break.")
    def definition_versions(self) -> list[int]:
        return [point.definition_version for point in self.kept]

    @strawberry.field
    def points(self) -> list[SeriesPoint]:
        return [
            SeriesPoint(
                day=point.day,
                value=point.value,
                status=point.status,
                n=point.n,
                definition_version=point.definition_version,
            )
            for point in self.kept
        ]


@strawberry.input(description="What to compute; without anything the tenant as a whole, yesterday.")
class ComputeInput:
    on: date | None = None
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None
    segment: strawberry.ID | None = None
    group_by: str | None = None
    config: JSON | None = strawberry.field(
        default=None,
        description="Fields of the plugin's configuration that are to be other than they are set.",
    )

    def question(self, context: Context, metric: str, *, most_days: int) -> questions.Question:
        """What is asked of a metric.

        Raises:
            BadUserInputError: the days do not go together, or the configuration is no object.
            UnknownSegmentError, TooManyAnswersError
        """
        require_whole_tenant(context.principal, "compute")
        first, last = self._range(context)
        if self.config is not None and not isinstance(self.config, dict):
            raise BadUserInputError("config is no object. Remedy: fields of the configuration by name.")
        asked = questions.Question(
            metric=metric,
            first=first,
            last=last,
            segment=None if self.segment is None else segment_number(context, self.segment),
            group_by=None if self.group_by is None else plain(self.group_by),
            config=self.config,
        )
        if asked.names_persons:
            context.principal.require(Permission.PERSONAL_READ)
        questions.require_few(asked, most=most_days)
        return asked

    def _range(self, context: Context) -> tuple[date, date]:
        if (self.on is not None and (self.from_ or self.to)) or bool(self.from_) != bool(self.to):
            raise BadUserInputError("The days do not go together. Remedy: `on`, or `from` and `to`.")
        if self.from_ is not None and self.to is not None:
            return self.from_, self.to
        on = self.on or datetime.now(context.tenant.zone).date() - timedelta(days=1)
        return on, on


@strawberry.type(description="A value that was computed when it was asked for.")
class ComputedValue:
    group: str | None = strawberry.field(description="The value of the dimension; null without `groupBy`.")
    value: MetricValue

    @classmethod
    def of(cls, answered: questions.Answered, context: Context) -> Self:
        """The node, as the principal may see it."""
        (shown,) = context.metrics.restricted([answered.value])
        return cls(group=answered.group, value=MetricValue.made_of(shown))


@strawberry.type(description="Values of one metric, for the tenant or one of its accounts.")
class Metric:
    definition: MetricDefinition

    @strawberry.field(
        description="The value in force of a day (default: the metric's newest) of an account or a tracked "
        "segment (default: the tenant). "
        "Null where the subject has none on it, whatever it had earlier."
    )
    def at(
        self,
        info: Info,
        date: date | None = None,
        account: strawberry.ID | None = None,
        segment: strawberry.ID | None = None,
    ) -> MetricValue | None:
        subject = stored_subject(info.context, account, segment)
        return MetricValue.of(info.context.metrics.latest(self.definition.id, subject, date))

    @strawberry.field(
        description=f"The values from one day to another, both included; at most {stored_series.MOST_DAYS} days."
    )
    def series(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        grain: stored_series.Grain = stored_series.Grain.DAY,
        *,
        account: strawberry.ID | None = None,
        segment: strawberry.ID | None = None,
    ) -> Series:
        subject = stored_subject(info.context, account, segment)
        try:
            kept = info.context.metrics.series(self.definition.id, subject, first=from_, last=to, grain=grain)
        except InvalidRangeError as error:
            raise BadUserInputError(str(error)) from None
        return Series(grain=grain, kept=kept)

    @strawberry.field(
        description="The tenant's value computed now: of a day, or of a range; of a segment, of each group of a dimension "
        "(`plan`, `stage`, `top`, the name of a trait of accounts, `person.NAME`), under another configuration. Nothing is "
        f"stored. At most {MOST_DAYS_NOW} days and {MOST_VALUES_NOW} values at once; `startComputation` does more."
    )
    def compute(self, info: Info, of: ComputeInput) -> list[ComputedValue]:
        question = of.question(info.context, self.definition.id, most_days=MOST_DAYS_NOW)
        return [
            ComputedValue.of(one, info.context)
            for of_day in questions.answers(question, most=MOST_VALUES_NOW)
            for one in of_day
        ]
