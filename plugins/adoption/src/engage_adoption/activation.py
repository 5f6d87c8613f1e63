"""Product adoption: which share of a cohort of sign-ups was activated in time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from engage_adoption.calculation import account_ids, percent
from engage_adoption.config import AdoptionConfig
from engage_server.sdk import TENANT, Contribution, Measurement, Status, Subject, account


def product_adoption(
    *, signups: pl.DataFrame, accounts: pl.DataFrame, config: AdoptionConfig, end: datetime
) -> Iterator[Measurement]:
    """For the tenant and each account: activated sign-ups / sign-ups of the same cohort x 100, in per cent.

    Args:
        signups: Activation over ``config.signup_days``.
        accounts: all accounts; one without sign-ups has no value.
        config: the cohort's rule.
        end: end of the computed day, with its zone.
    """
    deadline = pl.col("signed_up_at") + timedelta(days=config.activation_within_days)
    cohort = signups.select(
        "account", activated=pl.col("activated_at").is_not_null(), over=deadline <= end.astimezone(UTC)
    )
    if config.cohort == "matured":
        cohort = cohort.filter("over")
    counts = (
        pl.len().alias("signups"),
        pl.col("activated").sum(),
        (~pl.col("activated") & ~pl.col("over")).sum().alias("open"),
    )
    yield _measurement(TENANT, cohort.select(*counts).row(0, named=True), config)
    by_account = cohort.group_by("account").agg(*counts)
    table = account_ids(accounts, cohort).join(by_account, on="account", how="left").fill_null(0)
    for row in table.sort("account").iter_rows(named=True):
        yield _measurement(account(row["account"]), row, config)


def _measurement(subject: Subject, row: dict[str, Any], config: AdoptionConfig) -> Measurement:
    value = percent(row["activated"], row["signups"])
    return Measurement(
        metric="product_adoption",
        subject=subject,
        value=value,
        n=row["signups"],
        status=_status(signups=row["signups"], still_open=row["open"]),
        window_days=config.signup_days,
        contributions=_by_outcome(row),
        details={name: row[name] for name in ("signups", "activated", "open")},
    )


def _by_outcome(row: dict[str, Any]) -> tuple[Contribution, ...]:
    """What became of the sign-ups: those activated are the value, the others what it lacks to 100."""
    lapsed = row["signups"] - row["activated"] - row["open"]
    parts = (
        ("activated", "Activated in time", row["activated"], percent(row["activated"], row["signups"])),
        ("open", "Still in time", row["open"], 0),
        ("lapsed", "Not activated in time", lapsed, 0),
    )
    return tuple(
        Contribution(key=key, label=label, value=number, points=points, n=number)
        for key, label, number, points in parts
        if row["signups"]
    )


def _status(*, signups: int, still_open: int) -> Status:
    if not signups:
        return Status.NO_DATA
    return Status.IMMATURE if still_open else Status.OK
