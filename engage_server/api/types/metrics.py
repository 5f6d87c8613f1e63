"""Metrics in GraphQL: their definitions, single values and series."""

from datetime import date
from typing import Annotated, Final, Self

import strawberry

from engage_server import sdk
from engage_server.api.context import Context, Info
from engage_server.api.derived.common import MetricResult
from engage_server.api.languages import text_in
from engage_server.api.types.cards import MetricCard
from engage_server.api.types.compute_input import ComputeInput
from engage_server.api.types.group_comparison import GroupComparison
from engage_server.api.types.nodes import Node
from engage_server.api.types.series import Series
from engage_server.api.types.subjects import SubjectKind, stored_subject
from engage_server.engine import questions
from engage_server.metrics.group_comparison import compare_groups
from engage_server.metrics.series import MOST_DAYS, Grain
from engage_server.plugin_host.registry import Plugin
from engage_server.sdk.graphql import StoredValue

MOST_DAYS_NOW: Final = 31
MOST_VALUES_NOW: Final = 100


@strawberry.type(description="A value of any metric.")
class MetricValue(MetricResult):
    @classmethod
    def of_any(cls, stored: StoredValue | None) -> Self | None:
        """The GraphQL form of a stored value, where there is one."""
        return None if stored is None else cls.of(stored)


@strawberry.type(description="A metric of an enabled plugin.")
class MetricDefinition(Node):
    id: strawberry.ID = strawberry.field(description="Full id: the plugin's, a dot, the metric's.")
    plugin: strawberry.ID
    direction: sdk.Direction
    category: str
    subjects: list[SubjectKind]
    definition_version: int
    schedule: str = strawberry.field(
        description="The plugin's default cron expression, read in the tenant's zone."
    )
    metric: strawberry.Private[sdk.Metric]

    @strawberry.field(description="In English where there is no translation.")
    def title(self, language: str = "en") -> str:
        return text_in(self.metric.titles, language, default=self.metric.title)

    @strawberry.field(
        description="In English where there is no translation; a value may have one of its own."
    )
    def unit(self, language: str = "en") -> str:
        return text_in(self.metric.units, language, default=self.metric.unit)

    @strawberry.field(description="The definition card.")
    def card(self) -> MetricCard:
        return MetricCard.of(self.metric.card)

    @strawberry.field(description="The tenant's own newest value; null where it has none.")
    def latest(self, info: Info) -> MetricValue | None:
        newest = info.context.metrics.latest_of(info.context.metric_ids("tenant"), sdk.TENANT)
        return MetricValue.of_any(newest.get(self.id))

    @classmethod
    def of(cls, plugin: Plugin, metric: sdk.Metric) -> Self:
        """The definition as the plugin's manifest declares it."""
        return cls(
            id=strawberry.ID(f"{plugin.id}.{metric.id}"),
            plugin=strawberry.ID(plugin.id),
            direction=metric.direction,
            category=metric.category,
            subjects=[SubjectKind(kind) for kind in metric.subjects],
            definition_version=metric.definition_version,
            schedule=plugin.manifest.schedule,
            metric=metric,
        )


@strawberry.type(description="A value that was computed when it was asked for.")
class ComputedValue:
    group: str | None = strawberry.field(description="The value of the dimension; null without `groupBy`.")
    value: MetricValue

    @classmethod
    def of(cls, answered: questions.Answered, context: Context) -> Self:
        """The node, as the principal may see it."""
        (shown,) = context.metrics.restricted([answered.value])
        return cls(group=answered.group, value=MetricValue.of(shown))


@strawberry.type(description="Values of one metric, for the tenant, a segment or an account.")
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
        on: date | None = None,
        account: strawberry.ID | None = None,
        segment: strawberry.ID | None = None,
    ) -> MetricValue | None:
        subject = stored_subject(info.context, account, segment)
        return MetricValue.of_any(info.context.metrics.latest(self.definition.id, subject, on))

    @strawberry.field(
        description=f"The values from one day to another, both included; at most {MOST_DAYS} days."
    )
    def series(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        grain: Grain = Grain.DAY,
        *,
        account: strawberry.ID | None = None,
        segment: strawberry.ID | None = None,
    ) -> Series:
        subject = stored_subject(info.context, account, segment)
        return Series.of(info, self.definition.id, subject, first=from_, last=to, grain=grain)

    @strawberry.field(
        description="The tenant's value computed now: of a day, or of a range; of a segment, of each group of a dimension "
        "(`plan`, `stage`, `owner`, `top`, the name of a trait of accounts, `person.NAME`), under another configuration. "
        f"Nothing is stored. At most {MOST_DAYS_NOW} days and {MOST_VALUES_NOW} values at once; `startComputation` does "
        "more."
    )
    def compute(self, info: Info, of: ComputeInput) -> list[ComputedValue]:
        question = of.question(info.context, self.definition.id, most_days=MOST_DAYS_NOW)
        return [
            ComputedValue.of(one, info.context)
            for of_day in questions.answers(question, most=MOST_VALUES_NOW)
            for one in of_day
        ]

    @strawberry.field(
        description="Which groups of a dimension thrive and which are at risk: the tenant's value of a day (default: "
        "yesterday) computed now for each group, against all others together, those at risk first. Corrected for how many "
        "groups there are; `by` is as `groupBy` of `compute`."
    )
    def compare_groups(
        self, info: Info, by: str, on: date | None = None, segment: strawberry.ID | None = None
    ) -> list[GroupComparison]:
        question = ComputeInput(on=on, group_by=by, segment=segment).question(
            info.context, self.definition.id, most_days=1
        )
        answered = [one for of_day in questions.answers(question, most=MOST_VALUES_NOW) for one in of_day]
        shown = info.context.metrics.restricted([one.value for one in answered])
        found = [(one.group or "", value) for one, value in zip(answered, shown, strict=True)]
        return [
            GroupComparison.of(one, MetricValue.of(one.value))
            for one in compare_groups(found, self.definition.direction)
        ]
