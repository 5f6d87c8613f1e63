"""The adoption of the product: what became of a cohort of sign-ups."""

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Annotated

import polars as pl

from engage_adoption.config import AdoptionConfig
from engage_adoption.rows import Answers, Rows, account_ids, percent
from engage_server.sdk import TENANT, Activation, Answer, Contribution, InputSpec, Status, account
from engage_server.sdk.intervals import wilson


@dataclass(frozen=True, slots=True)
class Cohort:
    """What became of a cohort of sign-ups."""

    signups: Annotated[int, "Sign-ups of the cohort."]
    activated: Annotated[int, "Activated in time."]
    open: Annotated[int, "Not activated yet, but still in time."]


def inputs(config: AdoptionConfig) -> dict[str, InputSpec] | None:
    """Sign-ups, where it is defined what activates one; else product adoption is off."""
    if not config.activation_event:
        return None
    return {
        "signups": Activation(
            activation_event=config.activation_event,
            times=config.activation_times,
            within_days=config.activation_within_days,
            days=config.signup_days,
            signup_event=config.signup_event or None,
            settling_days=config.existing_users_days,
        )
    }


def product_adoption(rows: Rows) -> Answers:
    """For the tenant and each account: activated sign-ups / sign-ups of the same cohort."""
    deadline = pl.col("signed_up_at") + timedelta(days=rows.config.activation_within_days)
    activated, over = pl.col("activated_at").is_not_null(), deadline <= rows.window.end.astimezone(UTC)
    cohort = rows["signups"].select("account", activated=activated, over=over)
    if rows.config.cohort == "matured":
        cohort = cohort.filter("over")
    still_open = (~pl.col("activated") & ~pl.col("over")).sum()
    counts = (pl.len().alias("signups"), pl.col("activated").sum(), still_open.alias("open"))
    yield TENANT, _of_cohort(Cohort(*cohort.select(*counts).row(0)))
    table = account_ids(rows["accounts"], cohort).join(
        cohort.group_by("account").agg(*counts), on="account", how="left"
    )
    for id, *counted in table.fill_null(0).sort("account").iter_rows():
        yield account(id), _of_cohort(Cohort(*counted))


def _of_cohort(cohort: Cohort) -> Answer:
    """What became of the sign-ups: those activated are the value, the others what it lacks to 100."""
    signed, activated, still_open = cohort.signups, cohort.activated, cohort.open
    others = (
        ("open", "Still in time", still_open),
        ("lapsed", "Not activated in time", signed - activated - still_open),
    )
    activated_part = Contribution(
        "activated", "Activated in time", activated, percent(activated, signed), n=activated
    )
    parts = [activated_part, *(Contribution(*other, points=0, n=other[2]) for other in others)]
    return Answer(
        percent(activated, signed),
        n=signed,
        details=cohort,
        parts=tuple(parts) if signed else (),
        interval=wilson(activated, signed),
        status=Status.IMMATURE if signed and still_open else None,
    )
