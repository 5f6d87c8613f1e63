"""Which share of a cohort of sign-ups was activated in time: by one event, so many of it, or several together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import polars as pl

from engage_activation import card
from engage_activation.config import ActivationConfig
from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    InputSpec,
    Plugin,
    SignupMilestones,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.cohorts import Wording, count_cohorts, outcomes, pairs, share, when_all

plugin = Plugin(
    "activation",
    sdk=">=2,<3",
    config=ActivationConfig,
    title={"en": "Activation", "ko": "활성화"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_activation"),
)
WORDING = Wording("Activated in time", "Still in time", "Not activated in time")


@dataclass(frozen=True, slots=True)
class MilestoneReached:
    """How many came to one of the milestones."""

    event: Annotated[str, "Name of the event; * is any of class VALUE."]
    times: Annotated[int, "How often it has to be done."]
    reached: Annotated[int, "Sign-ups of the cohort that did so in time."]


@dataclass(frozen=True, slots=True)
class Activated:
    """What became of the cohort."""

    signups: Annotated[int, "Sign-ups of the cohort."]
    activated: Annotated[int, "Reached all milestones in time."]
    open: Annotated[int, "Did not yet, but are still in time."]
    milestones: Annotated[
        tuple[MilestoneReached, ...], "Each milestone by itself: the rarest is what holds the others back."
    ]


def inputs(config: ActivationConfig) -> dict[str, InputSpec]:
    """Sign-ups with the times of the milestones."""
    spec = SignupMilestones(
        milestones=pairs(config.milestones),
        within_days=config.within_days,
        days=config.days_read(config.within),
        signup_event=config.signup_event or None,
        settling_days=config.existing_users_days,
    )
    return {"signups": spec}


@plugin.metric(
    "rate",
    title={"en": "Activation rate", "ko": "활성화율"},
    unit="%",
    card=card.RATE,
    details=Activated,
    inputs=inputs,
    of_all=True,
    category="onboarding",
)
def rate(rows: Computation[ActivationConfig]) -> Iterator[tuple[Subject, Answer]]:
    """For the tenant and each account: activated sign-ups / sign-ups of the same cohort."""
    config = rows.config
    signups = rows["signups"].with_columns(done=when_all(len(config.milestones)))
    table = outcomes(
        signups,
        entered="signed_up_at",
        reached="done",
        within=config.within,
        window=rows.window,
        config=config,
    )
    by_milestone = reached_milestones(table, config)
    for subject, cohort in count_cohorts(table, accounts=rows["accounts"]):
        counts = by_milestone.get(subject, (0,) * len(config.milestones))
        milestones = tuple(
            MilestoneReached(milestone.event, milestone.times, count)
            for milestone, count in zip(config.milestones, counts, strict=True)
        )
        details = Activated(cohort.entrants, cohort.reached, cohort.open, milestones)
        yield subject, share(cohort, wording=WORDING, details=details)


def reached_milestones(table: pl.DataFrame, config: ActivationConfig) -> dict[Subject, tuple[int, ...]]:
    """How many sign-ups of the tenant and of each account with one reached each of the milestones in time."""
    names = [f"milestone_{number}" for number in range(1, len(config.milestones) + 1)]
    begin, end = pl.col("signed_up_at"), pl.col("signed_up_at") + config.within
    counts = [pl.col(name).is_between(begin, end, closed="left").sum() for name in names]
    by_account = table.drop_nulls("account").group_by("account").agg(counts)
    return {
        TENANT: table.select(counts).row(0),
        **{account(id): tuple(found) for id, *found in by_account.iter_rows()},
    }
