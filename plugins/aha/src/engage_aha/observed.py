"""Whom the search observes and what became of them: persons who stayed or not, accounts that began to pay or not."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from engage_aha.config import AhaConfig
from engage_server.sdk import Computation


@dataclass(frozen=True, slots=True)
class Observed:
    """The actions and outcomes of those whose time is over (see ``search``), and how many are not yet that far."""

    actions: pl.DataFrame
    outcomes: pl.DataFrame
    waiting: int


def persons(rows: Computation[AhaConfig]) -> Observed:
    """Sign-ups by whether they came back; ``back_days`` says on how many days."""
    everybody = rows["actions"].drop_nulls("person").group_by("person").agg(pl.col("back_days").max())
    over = everybody.filter(pl.col("back_days").is_not_null())
    return Observed(
        rows["actions"].select("event", "offset", "count", unit="person"),
        over.sort("person").select("back_days", unit="person", outcome=pl.col("back_days") > 0),
        waiting=everybody.height - over.height,
    )


def accounts(rows: Computation[AhaConfig]) -> Observed:
    """New accounts by whether they began to pay, of those that did not pay yet when the first days were over.

    An account's first day is that of its first sign-up. Accounts that started before the observed days are none of them.
    """
    config, zone = rows.config, rows.window.timezone
    signups = (
        rows["actions"]
        .drop_nulls(["account", "person"])
        .with_columns(day=pl.col("signed_up_at").dt.convert_time_zone(zone).dt.date())
    )
    first_observed = rows.day - timedelta(days=config.observed_days - 1)
    old = rows["accounts"].filter(pl.col("started_at").dt.convert_time_zone(zone).dt.date() < first_observed)
    born = signups.join(old, on="account", how="anti").group_by("account").agg(born=pl.col("day").min())
    paying = (
        rows["subscriptions"]
        .filter((pl.col("amount") > 0) & pl.col("is_paid"))
        .group_by("account")
        .agg(paid_from=pl.col("valid_from").min())
    )
    known = born.join(paying, on="account", how="left").with_columns(
        after=(pl.col("paid_from") - pl.col("born")).dt.total_days(),
        age=(pl.lit(rows.day) - pl.col("born")).dt.total_days(),
    )
    free = known.filter(pl.col("after").is_null() | (pl.col("after") >= config.length))
    over = free.filter(pl.col("age") >= config.upgrade_within_days)
    outcome = (pl.col("after") <= config.upgrade_within_days).fill_null(value=False)
    actions = signups.join(born, on="account").select(
        "event",
        "count",
        offset=pl.col("offset") + (pl.col("day") - pl.col("born")).dt.total_days(),
        unit="account",
    )
    return Observed(
        actions,
        over.sort("account").select(unit="account", outcome=outcome),
        waiting=free.height - over.height,
    )
