"""How long sign-ups take to their first value, and to be set up; those who are still on their way count as waiting."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from enum import StrEnum
from statistics import fmean, median
from typing import Annotated, Final

import polars as pl

from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Contribution,
    Direction,
    EventCounts,
    InputSpec,
    Interval,
    Plugin,
    Sample,
    Seats,
    SignupMilestones,
    Status,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.cohorts import Milestone, pairs, when_all
from engage_server.sdk.survival import Survival, kaplan_meier
from engage_time_to_value import card
from engage_time_to_value.config import TimeToValueConfig
from engage_time_to_value.returns import DAYS, Return, returns

plugin = Plugin(
    "time_to_value",
    sdk=">=2,<3",
    config=TimeToValueConfig,
    title={"en": "Time to value", "ko": "가치 도달 시간"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_time_to_value"),
)
Rows = Computation[TimeToValueConfig]
Answers = Iterator[tuple[Subject, Answer]]
DAY: Final = timedelta(days=1)
METHOD: Final = "Kaplan-Meier, Brookmeyer-Crowley on the log-log scale"


class Median(StrEnum):
    """Whether half of the sign-ups came to it."""

    REACHED = "REACHED"
    NOT_REACHED = "NOT_REACHED"


@dataclass(frozen=True, slots=True)
class Times:
    """How many came to it, and after how many days."""

    signups: Annotated[int, "Sign-ups of the trailing days."]
    reached: Annotated[int, "Came to it."]
    waiting: Annotated[int, "Did not yet, and are still in time."]
    share_reached: Annotated[float | None, "Reached / sign-ups, 0 to 1."]
    expected_share: Annotated[
        float | None, "Share that comes to it in time by Kaplan-Meier's estimate, 0 to 1."
    ]
    median: Annotated[Median | None, "NOT_REACHED: fewer than half come to it, so there is no value."]
    low: Annotated[float | None, "Lower bound of the median at 95 %, in days."]
    high: Annotated[float | None, "Upper bound; null where it is open."]
    p90: Annotated[float | None, "Days after which nine of ten have come to it; null where fewer do."]
    median_of_reached: Annotated[
        float | None, "Of those alone who came to it, in days: too short, since who did not come is left out."
    ]


@dataclass(frozen=True, slots=True)
class Setup:
    """How long set-up takes, and who is late."""

    signups: Annotated[int, "Sign-ups of the trailing days."]
    reached: Annotated[int, "Are set up."]
    share_reached: Annotated[float | None, "Set up / sign-ups, 0 to 1."]
    median: Annotated[Median | None, "NOT_REACHED: fewer than half are set up, so there is no usual time."]
    p90: Annotated[float | None, "Days after which nine of ten are set up; null where fewer are."]
    mean_of_reached: Annotated[float | None, "Mean of those alone who are set up, in days."]
    overdue: Annotated[int, "Sign-ups of more than setup_within_days ago that are not set up."]


@dataclass(frozen=True, slots=True)
class Observed:
    """Days that it took who came to it, and days that the others have been looked at, shortest first."""

    reached: list[float]
    waited: list[float]
    in_time: int

    @property
    def number(self) -> int:
        """All sign-ups."""
        return len(self.reached) + len(self.waited)


def signups(config: TimeToValueConfig, milestones: tuple[Milestone, ...]) -> dict[str, InputSpec]:
    """Sign-ups with the times of these milestones."""
    spec = SignupMilestones(
        milestones=pairs(milestones),
        within_days=config.within_days,
        days=config.cohort_days,
        signup_event=config.signup_event or None,
        settling_days=config.existing_users_days,
    )
    return {"signups": spec}


@plugin.metric(
    "time",
    title={"en": "Time to value", "ko": "가치 도달 시간"},
    unit={"en": "days", "ko": "일"},
    direction=Direction.DOWN,
    card=card.TIME,
    details=Times,
    inputs=lambda config: signups(config, config.value),
    of_all=True,
    category="onboarding",
)
def time_to_value(rows: Rows) -> Answers:
    """For the tenant and each account: the days by which half of the sign-ups have their first value."""
    for subject, seen in observed(rows, len(rows.config.value)):
        survival = kaplan_meier(seen.reached, seen.waited)
        bounds = survival.bounds_of(0.5) or (None, None)
        details = Times(
            signups=seen.number,
            reached=len(seen.reached),
            waiting=seen.in_time,
            share_reached=share(seen),
            expected_share=survival.reached if seen.number else None,
            median=reading(survival, seen),
            low=bounds[0],
            high=bounds[1],
            p90=survival.time_of(0.9),
            median_of_reached=median(seen.reached) if seen.reached else None,
        )
        yield subject, answer(survival, seen, details)


@plugin.metric(
    "setup_time",
    title={"en": "Time to set up", "ko": "설정 완료 시간"},
    unit={"en": "days", "ko": "일"},
    direction=Direction.DOWN,
    card=card.SETUP_TIME,
    details=Setup,
    inputs=lambda config: signups(config, config.setup) if config.setup else None,
    of_all=True,
    category="onboarding",
)
def setup_time(rows: Rows) -> Answers:
    """For the tenant and each account: the days by which half of the sign-ups are set up, and who is overdue."""
    for subject, seen in observed(rows, len(rows.config.setup)):
        survival = kaplan_meier(seen.reached, seen.waited)
        details = Setup(
            signups=seen.number,
            reached=len(seen.reached),
            share_reached=share(seen),
            median=reading(survival, seen),
            p90=survival.time_of(0.9),
            mean_of_reached=fmean(seen.reached) if seen.reached else None,
            overdue=sum(1 for days in seen.waited if days > rows.config.setup_within_days),
        )
        yield subject, answer(survival, seen, details)


def observed(rows: Rows, milestones: int) -> Iterator[tuple[Subject, Observed]]:
    """What was seen of the sign-ups of the tenant, and of each account that is listed or has one."""
    end, within = rows.window.end.astimezone(UTC), timedelta(days=rows.config.within_days)
    deadline = pl.col("signed_up_at") + within
    table = rows["signups"].drop_nulls("signed_up_at").with_columns(done=when_all(milestones))
    in_time = (
        pl.col("done").is_not_null() & pl.col("done").ge(pl.col("signed_up_at")) & (pl.col("done") < deadline)
    )
    seen_until = pl.when(in_time).then("done").otherwise(pl.min_horizontal(deadline, pl.lit(end)))
    table = table.select(
        "account",
        days=(seen_until - pl.col("signed_up_at")) / DAY,
        reached=in_time,
        is_open=~in_time & (deadline > end),
    ).sort("days")
    yield TENANT, _observed(table)
    by_account = {
        id: part for (id,), part in table.drop_nulls("account").partition_by("account", as_dict=True).items()
    }
    listed = rows["accounts"]["account"].drop_nulls().to_list()
    for id in sorted({*by_account, *listed}):
        yield account(id), _observed(by_account.get(id, table.clear()))


def _observed(table: pl.DataFrame) -> Observed:
    reached, waited = (table.filter(pl.col("reached") == came)["days"].to_list() for came in (True, False))
    return Observed(reached, waited, int(table["is_open"].sum()))


def share(seen: Observed) -> float | None:
    """Who came to it / all sign-ups; null where there is none."""
    return len(seen.reached) / seen.number if seen.number else None


def reading(survival: Survival, seen: Observed) -> Median | None:
    """Whether there is a median; null without sign-ups."""
    if not seen.number:
        return None
    return Median.NOT_REACHED if survival.time_of(0.5) is None else Median.REACHED


def answer(survival: Survival, seen: Observed, details: Times | Setup) -> Answer:
    """The median with its bounds where both are known, and what became of the sign-ups."""
    value, bounds = survival.time_of(0.5), survival.bounds_of(0.5)
    low, high = bounds or (None, None)
    lapsed = len(seen.waited) - seen.in_time
    counts = (
        ("reached", "Came to it", len(seen.reached)),
        ("waiting", "Not yet", seen.in_time),
        ("lapsed", "Not in time", lapsed),
    )
    return Answer(
        value,
        n=seen.number,
        details=details,
        parts=tuple(
            Contribution(key, label, number, n=number) for key, label, number in counts if seen.number
        ),
        interval=(
            Interval(low, high, 0.95, METHOD)
            if value is not None and low is not None and high is not None
            else None
        ),
        status=Status.NO_DATA if value is None else None,
    )


def worth_and_price(config: TimeToValueConfig) -> dict[str, InputSpec] | None:
    """Events of worth and prices, where an event has a worth."""
    if not config.worth_event:
        return None
    return {"uses": EventCounts(days=DAYS, names=(config.worth_event,)), "seats": Seats()}


@plugin.metric(
    "roi",
    title={"en": "Return on investment", "ko": "투자 수익률"},
    unit="%",
    card=card.RETURN,
    details=Return,
    inputs=worth_and_price,
    of_all=True,
    category="onboarding",
    sample=Sample.THINGS,
    no_interval="All events are counted; what is uncertain is the worth that they were given.",
)
def roi(rows: Rows) -> Answers:
    """For the tenant and each account: what the events of worth are worth over the price, in per cent of it."""
    yield from returns(rows)
