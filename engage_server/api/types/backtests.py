"""Does a metric predict, and which of its parts go with what became of the accounts? In GraphQL."""

from datetime import date
from typing import Annotated, Final

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.account_outcomes import AccountOutcome
from engage_server.api.types.intervals import Interval
from engage_server.engine.backtest import SENTENCES, Backtest, Verdict, backtest
from engage_server.engine.exceptions import TooManyDaysError
from engage_server.engine.weight_suggestions import WeightSuggestions, suggest_weights

READS: Final = requires(Permission.METRICS_READ)
strawberry.enum(
    Verdict,
    name="BacktestVerdict",
    description=". ".join(f"{one.value}: {words}" for one, words in SENTENCES.items()) + ".",
)


@strawberry.type(description="How good it would have been to act on a band and those that are worse.")
class BacktestAlarm:
    name: str = strawberry.field(
        description="The band; of metrics without bands the share of the values with the highest risk."
    )
    flagged: int
    hits: int
    false_alarms: int
    precision: float | None = strawberry.field(description="hits / flagged")
    precision_interval: Interval | None
    recall: float | None = strawberry.field(description="hits / values that the outcome followed")
    recall_interval: Interval | None
    false_alarm_share: float | None = strawberry.field(
        description="falseAlarms / values that the outcome did not follow"
    )


@strawberry.type(description="How early the narrowest alarm came, of accounts with the outcome.")
class BacktestLeadTime:
    alarm: str
    median_days: float | None
    warned: int
    not_warned: int


@strawberry.type(description="What the past says of a metric.", name="Backtest")
class BacktestNode:
    metric: strawberry.ID
    outcome: AccountOutcome
    horizon_days: int
    days: list[date] = strawberry.field(
        description="The days whose values were held against what followed, a horizon apart."
    )
    observations: int = strawberry.field(description="Values of accounts on these days.")
    outcomes: int = strawberry.field(description="Those that the outcome followed within the horizon.")
    auc: float | None = strawberry.field(
        description="Area under the ROC curve: the chance that of two accounts, one with and one without the outcome, the "
        "one with it had the higher risk. Each account counts once. 0.5 is no better than a coin."
    )
    auc_interval: Interval | None
    cases: int = strawberry.field(description="Accounts with the outcome behind the area.")
    controls: int = strawberry.field(description="Accounts without it.")
    verdict: Verdict
    sentence: str = strawberry.field(description="The verdict in words.")
    alarms: list[BacktestAlarm] = strawberry.field(
        description="None without `personal:read` where the verdict is TOO_FEW: they would tell values of few."
    )
    lead_time: BacktestLeadTime | None = strawberry.field(
        description="Null without `personal:read` where the verdict is TOO_FEW, and where there is no alarm."
    )

    @classmethod
    def of(cls, found: Backtest, *, shows_few: bool) -> "BacktestNode":
        """What was found, as the schema has it.

        ``shows_few``: alarms of too few accounts would tell in which band a withheld value of one lies.
        """
        is_shown = shows_few or found.verdict is not Verdict.TOO_FEW
        measured, lead = found.discrimination, found.lead_time if is_shown else None
        return cls(
            metric=strawberry.ID(found.metric),
            outcome=found.outcome,
            horizon_days=found.horizon_days,
            days=list(found.days),
            observations=found.observations,
            outcomes=found.outcomes,
            auc=None if measured is None else measured.auc,
            auc_interval=None if measured is None else Interval.of(measured.interval),
            cases=0 if measured is None else measured.cases,
            controls=0 if measured is None else measured.controls,
            verdict=found.verdict,
            sentence=f"{found.metric} {SENTENCES[found.verdict]}.",
            alarms=[
                BacktestAlarm(
                    name=one.name,
                    flagged=one.flagged,
                    hits=one.hits,
                    false_alarms=one.false_alarms,
                    precision=one.precision,
                    precision_interval=Interval.of(one.precision_interval),
                    recall=one.recall,
                    recall_interval=Interval.of(one.recall_interval),
                    false_alarm_share=one.false_alarm_share,
                )
                for one in (found.alarms if is_shown else ())
            ],
            lead_time=None
            if lead is None
            else BacktestLeadTime(
                alarm=lead.alarm,
                median_days=lead.median_days,
                warned=lead.warned,
                not_warned=lead.not_warned,
            ),
        )


@strawberry.type(description="What the past says of one part of a score.")
class WeightSuggestion:
    key: str
    label: str
    accounts: int
    outcomes: int
    correlation: float | None = strawberry.field(
        description="Above 0 the part points the right way: low values of what should be high went with leaving, high ones "
        "with paying more. Null among too few."
    )
    interval: Interval | None = strawberry.field(description="Wide enough for as many parts as there are.")
    p: float | None = strawberry.field(
        description="How probable so much would be by chance, corrected for as many parts (Holm)."
    )
    present: float | None = strawberry.field(description="Its share of the weight on the average.")
    suggested: float | None = strawberry.field(
        description="Its share by what was observed; null where that is not told from chance, or points the other way."
    )


@strawberry.type(
    description="What the past says of a score's parts, the strongest first. Nothing was applied."
)
class WeightSuggestionList:
    metric: strawberry.ID
    outcome: AccountOutcome
    horizon_days: int
    parts: list[WeightSuggestion]

    @classmethod
    def of(cls, found: WeightSuggestions) -> "WeightSuggestionList":
        """What was found, as the schema has it."""
        return cls(
            metric=strawberry.ID(found.metric),
            outcome=found.outcome,
            horizon_days=found.horizon_days,
            parts=[
                WeightSuggestion(
                    key=one.key,
                    label=one.label,
                    accounts=one.accounts,
                    outcomes=one.outcomes,
                    correlation=one.correlation,
                    interval=Interval.of(one.interval),
                    p=one.p,
                    present=one.present,
                    suggested=one.suggested,
                )
                for one in found.parts
            ],
        )


@strawberry.type
class BacktestQuery:
    @strawberry.field(
        description="Whether a metric's past values predict what becomes of accounts within a horizon: values of days that "
        "lie a horizon apart are held against who left, or paid more, in the days that follow. Writes nothing.",
        extensions=[READS],
    )
    def backtest(
        self,
        info: Info,
        *,
        metric: strawberry.ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        outcome: AccountOutcome = AccountOutcome.CHURN,
        horizon_days: int = 90,
    ) -> BacktestNode:
        info.context.metric(metric)
        try:
            found = backtest(metric, outcome, horizon_days=horizon_days, first=from_, last=to)
        except TooManyDaysError as error:
            raise BadUserInputError(str(error)) from None
        return BacktestNode.of(found, shows_few=info.context.principal.may(Permission.PERSONAL_READ))

    @strawberry.field(
        description="Which parts of a score went with what became of the accounts, and what they might weigh. A correlation "
        "is no cause; nothing is applied.",
        extensions=[READS],
    )
    def suggest_weights(
        self,
        info: Info,
        *,
        metric: strawberry.ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        outcome: AccountOutcome = AccountOutcome.CHURN,
        horizon_days: int = 90,
    ) -> WeightSuggestionList:
        info.context.metric(metric)
        try:
            found = suggest_weights(metric, outcome, horizon_days=horizon_days, first=from_, last=to)
        except TooManyDaysError as error:
            raise BadUserInputError(str(error)) from None
        return WeightSuggestionList.of(found)
