"""Active users against purchased seats, per account and for the tenant."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from engage_license_utilization.config import Band, LicenseUtilizationConfig
from engage_license_utilization.hierarchy import lineage
from engage_server.sdk import TENANT, Contribution, Measurement, Status, Subject, account

Row = dict[str, Any]
LABELS = {
    "tenant": ("In accounts with seats of their own", "Only in accounts below those"),
    "account": ("In the account itself", "Only in accounts below"),
}
"""Names of the two parts, by kind of subject."""


def utilization(
    *, active: pl.DataFrame, seats: pl.DataFrame, accounts: pl.DataFrame, config: LicenseUtilizationConfig
) -> Iterator[Measurement]:
    """Active users / purchased seats x 100, in per cent, for the tenant and every account.

    Args:
        active: ActivePersons of the window.
        seats: Seats of the day.
        accounts: Accounts; their parents are followed where the configuration rolls up.
        config: bands and rules.

    Raises:
        AccountCycleError: an account is its own ancestor, and the configuration rolls up.
    """
    users = active.drop_nulls().unique()
    licenses = _licenses(seats, config)
    lines = lineage(_parents(accounts, users, licenses, roll_up=config.roll_up_children))
    yield _measurement(TENANT, _tenant_row(users, licenses, lines), config)
    for row in _account_rows(users, licenses, lines).iter_rows(named=True):
        yield _measurement(account(row["account"]), row, config)


def _licenses(seats: pl.DataFrame, config: LicenseUtilizationConfig) -> pl.DataFrame:
    """Per account the sum of its seats, and whether one of its subscriptions is unlimited."""
    counted = seats if config.include_trials else seats.filter(~pl.col("is_trial"))
    return (
        counted.group_by("account")
        .agg(unlimited=pl.col("seats").is_null().any(), seats=pl.col("seats").sum())
        .filter(pl.col("unlimited") | (pl.col("seats") > 0))
    )


def _parents(
    accounts: pl.DataFrame, users: pl.DataFrame, licenses: pl.DataFrame, *, roll_up: bool
) -> dict[int, int | None]:
    others = pl.concat([users.select("account"), licenses.select("account")])
    parents: dict[int, int | None] = dict.fromkeys(others["account"])
    for id, parent in accounts.select("account", "parent").iter_rows():
        parents[id] = parent if roll_up else None
    return parents


def _account_rows(users: pl.DataFrame, licenses: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per account with the figures of its subtree and, as ``own_``, of itself."""
    own = pl.col("distance") == 0
    persons = (
        lines.join(users, on="account")
        .group_by("above")
        .agg(
            active_users=pl.col("person").n_unique(),
            own_active_users=pl.col("person").filter(own).n_unique(),
        )
    )
    bought = (
        lines.join(licenses, on="account")
        .group_by("above")
        .agg(pl.col("seats").sum(), pl.col("unlimited").any(), own_seats=pl.col("seats").filter(own).sum())
    )
    sizes = lines.group_by("above").agg(accounts=pl.len())
    return (
        sizes.join(persons, on="above", how="left")
        .join(bought, on="above", how="left")
        .with_columns(pl.col("unlimited").fill_null(False))
        .fill_null(0)
        .rename({"above": "account"})
        .sort("account")
    )


def _tenant_row(users: pl.DataFrame, licenses: pl.DataFrame, lines: pl.DataFrame) -> Row:
    """The tenant's figures: limited seats, and the persons whose nearest licence upwards is a limited one."""
    holders = (
        lines.join(licenses, left_on="above", right_on="account")
        .sort("distance")
        .unique("account", keep="first", maintain_order=True)
        .filter(~pl.col("unlimited"))
    )
    limited = licenses.filter(~pl.col("unlimited"))
    direct = holders.filter(pl.col("distance") == 0)
    return {
        "own_active_users": users.join(direct, on="account", how="semi")["person"].n_unique(),
        "active_users": users.join(holders, on="account", how="semi")["person"].n_unique(),
        "seats": limited["seats"].sum(),
        "unlimited": limited.is_empty() and not licenses.is_empty(),
        "accounts": limited.height,
    }


def _measurement(subject: Subject, row: Row, config: LicenseUtilizationConfig) -> Measurement:
    users, mode = row["active_users"], _mode(row)
    seats = row["seats"] if mode == "seats" else None
    band = _band(users=users, seats=seats, config=config) if seats else None
    own: Row = {name: row[name] for name in ("own_active_users", "own_seats") if name in row}
    return Measurement(
        metric="utilization",
        subject=subject,
        value=100 * users / seats if seats else None,
        n=seats or 0,
        status=Status.OK if seats else Status.NO_DATA,
        window_days=config.window_days,
        contributions=_own_and_below(row, seats, labels=LABELS[subject.kind]) if seats else (),
        details={
            "active_users": users,
            "seats": seats,
            "spare_seats": seats - users if seats else None,
            "accounts": row["accounts"],
            "mode": mode,
            "band": band,
            "opportunity": band in {Band.FULL, Band.OVER_ALLOCATED},
            **own,
        },
    )


def _mode(row: Row) -> str:
    if row["unlimited"]:
        return "unlimited"
    return "seats" if row["seats"] else "none"


def _band(*, users: int, seats: int, config: LicenseUtilizationConfig) -> str:
    hundredfold = 100 * users
    if hundredfold < config.healthy_low * seats:
        return Band.UNDER.value
    if hundredfold < config.healthy_high * seats:
        return Band.HEALTHY.value
    return Band.FULL.value if users <= seats else Band.OVER_ALLOCATED.value


def _own_and_below(row: Row, seats: int, *, labels: tuple[str, str]) -> tuple[Contribution, ...]:
    """The users of accounts with seats, and those active only in the accounts below; together the value."""
    own = row["own_active_users"]
    parts = (
        ("own", labels[0], own),
        ("below", labels[1], row["active_users"] - own),
    )
    return tuple(
        Contribution(key=key, label=label, value=number, points=100 * number / seats, n=number)
        for key, label, number in parts
        if key == "own" or row["accounts"] > 1 or number
    )
