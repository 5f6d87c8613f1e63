"""The smallest complete plugin: every hook, every kind of input and every part of a measurement, once each.

Copy it to begin a plugin of your own. What a real one splits into modules (configuration, calculation, cards,
GraphQL) stands here in one file, in the order in which the server meets it. Its metrics are of no use: each
counts the rows that one input delivered, so a test can see what reached the plugin.

A distribution would make it known by an entry point; tests register the module itself::

    [project.entry-points."engage.plugins"]
    dummy = "dummy_plugin:plugin"
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

import strawberry
from pydantic import Field

from engage_server.sdk import (
    AccountHistory,
    Accounts,
    AccountWeeks,
    Activation,
    ActiveDays,
    ActiveMinutes,
    ActivePersons,
    ActiveSeries,
    ActivityBy,
    Answer,
    Benchmark,
    Card,
    Computation,
    Contribution,
    EventCounts,
    Events,
    EventTotals,
    FeatureReach,
    Features,
    FeatureUse,
    Feedback,
    FirstSeen,
    FirstUses,
    GraphQLContribution,
    InputSpec,
    Ledger,
    Members,
    MetricBands,
    MetricValues,
    Overrides,
    PersonDays,
    Plugin,
    PluginConfig,
    ReleaseReach,
    Retention,
    Sample,
    Seats,
    Sequences,
    Sessions,
    SignupActions,
    SignupDays,
    SignupMilestones,
    Subscriptions,
    SurveyResponses,
    Timing,
    Touches,
    Vector,
    WeightedEvents,
    account,
)
from engage_server.sdk.graphql import AccountNode, StoredValue, stored, stored_by_subject


# 1. The configuration: the server draws the settings form from it. Defaults must be valid.
class DummyConfig(PluginConfig):
    days: int = Field(30, ge=1, le=366, description="Length of the trailing windows in calendar days.")
    instrument: str = Field("nps", min_length=1, description="Survey instrument to read.")
    activation_event: str = Field("report_created", description="Event that activates a person.")
    watched_metric: str = Field("nps.score", description="Metric of another plugin to read.")


# 2. The inputs: a mapping, or, as here, a function of the configuration.
def inputs(config: DummyConfig) -> dict[str, InputSpec]:
    return {
        "account_history": AccountHistory(),
        "accounts": Accounts(),
        "activation": Activation(activation_event=config.activation_event, days=config.days),
        "active_days": ActiveDays(days=config.days),
        "active_minutes": ActiveMinutes(days=config.days),
        "active_persons": ActivePersons(days=config.days),
        "active_series": ActiveSeries(days=config.days),
        "activity_by": ActivityBy(by="plan", days=config.days),
        "account_weeks": AccountWeeks(days=config.days),
        "event_counts": EventCounts(days=config.days),
        "events": Events(
            events=(config.activation_event,), properties=(("price", "decimal"),), days=config.days
        ),
        "event_totals": EventTotals(milestones=((config.activation_event, 10),)),
        "feedback": Feedback(days=config.days),
        "feature_reach": FeatureReach(days=config.days),
        "feature_use": FeatureUse(days=config.days),
        "features": Features(),
        "first_seen": FirstSeen(days=config.days),
        "first_uses": FirstUses(days=config.days),
        "ledger": Ledger(days=config.days),
        "members": Members(),
        "metric_bands": MetricBands(config.watched_metric),
        "metric_values": MetricValues(metrics=(config.watched_metric,)),
        "overrides": Overrides(metric="dummy.overrides"),
        "person_days": PersonDays(days=config.days),
        "release_reach": ReleaseReach(days=config.days),
        "retention": Retention(days=config.days),
        "seats": Seats(),
        "sequences": Sequences(steps=(config.activation_event, "report_shared"), days=config.days),
        "sessions": Sessions(days=config.days),
        "signup_actions": SignupActions(days=config.days),
        "signup_days": SignupDays(days=config.days),
        "signup_milestones": SignupMilestones(milestones=((config.activation_event, 1),), days=config.days),
        "subscriptions": Subscriptions(period="month"),
        "survey_responses": SurveyResponses(instrument=config.instrument, days=config.days),
        "touches": Touches(channels=(("app", (config.activation_event,)),), days=config.days),
        "weighted_events": WeightedEvents(days=config.days),
    }


# 3. The metrics, each with its definition card.
CARD = Card(
    formula="Number of rows that the input delivered for the subject.",
    source="ours",
    edge_rules=(
        "No row at all: null and NO_DATA for the tenant and absent for an account; features without rows get none.",
    ),
    vectors=(
        Vector(
            given="two rows of account 1, one of account 2", expected="tenant 3, account 1: 2", source="ours"
        ),
    ),
    benchmarks=(Benchmark(statement="None is known.", source="ours"),),
    timing=Timing.LAGGING,
    vanity_risk="More rows mean nothing by themselves.",
)


@dataclass(frozen=True, slots=True)
class DummyFrame:
    """What the input delivered."""

    columns: Annotated[tuple[str, ...], "Names of the input's columns."]


plugin = Plugin(
    "dummy",
    sdk=">=2,<3",
    config=DummyConfig,
    title={"en": "Dummy", "ko": "더미"},
    schedule="0 5 * * *",
    starter=False,
    cpu_seconds=30.0,  # rows of every input there is
    owner="Engage maintainers",
    licence="Apache-2.0",
    homepage="https://example.com/dummy",
)


# 4. The computation: pure, from the rows of one subject to its answer. The tenant has all rows, an account its own.
def metric_of(name: str) -> None:
    @plugin.metric(
        f"{name}_rows",
        title={"en": f"Rows of {name}", "ko": f"{name} 행 수"},
        unit={"en": "rows", "ko": "행"},
        subjects=("tenant", "account", "feature"),
        card=CARD,
        details=DummyFrame,
        inputs=lambda config: {name: inputs(config)[name]},
        sample=Sample.THINGS,
        no_interval="Rows are counted.",
    )
    def rows_of_input(rows: Computation[DummyConfig]) -> Answer:
        number = rows[name].height
        return Answer(
            number or None,
            n=number,
            details=DummyFrame(columns=tuple(rows[name].columns)),
            parts=(Contribution("rows", "Rows", number, points=number, weight=1, n=number),),
        )


for input_name in inputs(DummyConfig()):
    metric_of(input_name)


# 5. GraphQL: fields of metrics follow from the manifest (``dummy { seatsRows { value columns } }``). Only what is no
# metric is written. Every name begins with the plugin's, so that plugins cannot clash.
@strawberry.type(
    description="A type that no field of the plugin mentions reaches the schema through `types`."
)
class DummyNote:
    text: str


@strawberry.type
class DummyQuery:
    @strawberry.field(description="Inputs of which the tenant has rows.")
    def dummy_inputs(self, info: strawberry.Info, on: date | None = None) -> list[str]:
        return [name for name in inputs(DummyConfig()) if has_rows(stored(info, f"dummy.{name}_rows", on=on))]

    @strawberry.field(description="Accounts with rows of an input, most first.")
    def dummy_accounts(self, info: strawberry.Info, input: str) -> list[str]:
        values = stored_by_subject(info, f"dummy.{input}_rows", "account")
        return [value.label for value in values if has_rows(value)]


@strawberry.type
class DummyAccountFields:
    @strawberry.field(description="Whether the account has rows of an input.")
    def dummy_has_rows(self: AccountNode, info: strawberry.Info, input: str) -> bool:
        return has_rows(stored(info, f"dummy.{input}_rows", account(self.pk)))


def has_rows(value: StoredValue | None) -> bool:
    return value is not None and bool(value.value)


@plugin.graphql
def fields() -> GraphQLContribution:
    return GraphQLContribution(query=DummyQuery, account=DummyAccountFields, types=(DummyNote,))
