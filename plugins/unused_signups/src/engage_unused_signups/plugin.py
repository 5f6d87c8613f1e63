"""Which share of a cohort of sign-ups did nothing of value in time: people who came, and left it at that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import polars as pl

from engage_server.sdk import (
    Answer,
    Computation,
    Direction,
    InputSpec,
    Plugin,
    SignupMilestones,
    Subject,
    catalogues_beside,
)
from engage_server.sdk.cohorts import Wording, count_cohorts, outcomes, pairs, share
from engage_unused_signups import card
from engage_unused_signups.config import UnusedSignupsConfig

plugin = Plugin(
    "unused_signups",
    sdk=">=2,<3",
    config=UnusedSignupsConfig,
    title={"en": "Unused sign-ups", "ko": "미사용 가입"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_unused_signups"),
)
WORDING = Wording("Did something of value", "Still in time", "Unused")


@dataclass(frozen=True, slots=True)
class Unused:
    """What became of the cohort."""

    signups: Annotated[int, "Sign-ups of the cohort."]
    unused: Annotated[int, "Did nothing of value in time."]
    used: Annotated[int, "Did something of value in time."]
    open: Annotated[int, "Did not yet, but are still in time."]


def inputs(config: UnusedSignupsConfig) -> dict[str, InputSpec]:
    """Sign-ups with the times at which they first did something of value."""
    spec = SignupMilestones(
        milestones=pairs(config.value),
        within_days=config.after_days,
        days=config.days_read(config.within),
        signup_event=config.signup_event or None,
        settling_days=config.existing_users_days,
    )
    return {"signups": spec}


@plugin.metric(
    "share",
    title={"en": "Unused sign-ups", "ko": "미사용 가입 비율"},
    unit="%",
    direction=Direction.DOWN,
    card=card.SHARE,
    details=Unused,
    inputs=inputs,
    of_all=True,
    category="onboarding",
)
def unused(rows: Computation[UnusedSignupsConfig]) -> Iterator[tuple[Subject, Answer]]:
    """For the tenant and each account: sign-ups without anything of value in time / sign-ups of the same cohort."""
    config = rows.config
    first = pl.min_horizontal(f"milestone_{number}" for number in range(1, len(config.value) + 1))
    table = outcomes(
        rows["signups"].with_columns(done=first),
        entered="signed_up_at",
        reached="done",
        within=config.within,
        window=rows.window,
        config=config,
    )
    for subject, cohort in count_cohorts(table, accounts=rows["accounts"]):
        details = Unused(cohort.entrants, cohort.lapsed, cohort.reached, cohort.open)
        yield subject, share(cohort, wording=WORDING, details=details, of="lapsed")
