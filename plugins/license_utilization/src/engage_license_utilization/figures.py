"""Who uses whose seats: the figures of every account and of the tenant, from frames."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from engage_license_utilization.config import LicenseUtilizationConfig
from engage_license_utilization.hierarchy import lineage
from engage_license_utilization.peak import TENANT_KEY, peaks
from engage_server.sdk import Computation

Row = Mapping[str, Any]
IS_LICENSE: Final = pl.col("unlimited") | (pl.col("seats") > 0) | pl.col("on_trial")


def figures(rows: Computation[LicenseUtilizationConfig], *, include_trials: bool) -> dict[int, Row]:
    """The figures of the tenant (key 0) and, ordered by id, of each account.

    Raises:
        AccountCycleError: an account is its own ancestor, and the configuration rolls up.
    """
    users = rows["active"].drop_nulls().unique()
    bought = licenses(rows["seats"], include_trials=include_trials)
    members = rows["members"].drop_nulls().unique() if "members" in rows.inputs else users.clear()
    others = (users, bought, members)
    lines = lineage(parents(rows["accounts"], *others, roll_up=rows.config.roll_up_children))
    at = placed(users, bought, lines)
    found: dict[int, Row] = {TENANT_KEY: tenant_row(at, bought)}
    found |= {row["account"]: row for row in account_rows(at, bought, lines).iter_rows(named=True)}
    extra = _provisioned(members, lines)
    if "sessions" in rows.inputs:
        seated = placed(rows["sessions"].drop_nulls(["person", "account"]), bought, lines).filter("on_seat")
        extra = extra.join(peaks(seated, lines), on="account", how="full", coalesce=True)
    more = {row.pop("account"): row for row in extra.iter_rows(named=True)}
    return {id: {**row, **more.get(id, {})} for id, row in found.items()}


def _provisioned(members: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Distinct members by account with those below it, and of the tenant."""
    below = lines.join(members, on="account").group_by(account=pl.col("above"))
    whole = members.select(
        account=pl.lit(TENANT_KEY, pl.Int64), provisioned=pl.col("person").n_unique().cast(pl.Int64)
    )
    return pl.concat([whole.head(1), below.agg(provisioned=pl.col("person").n_unique().cast(pl.Int64))])


def licenses(seats: pl.DataFrame, *, include_trials: bool) -> pl.DataFrame:
    """Per account: its seats, whether one of its subscriptions is unlimited or on trial, and the seats on trial."""
    trial = pl.col("is_trial")
    counted = pl.lit(True) if include_trials else ~trial
    return seats.group_by("account").agg(
        unlimited=pl.col("seats").filter(counted).is_null().any(),
        seats=pl.col("seats").filter(counted).sum(),
        on_trial=trial.any(),
        trial_seats=pl.col("seats").filter(trial).sum(),
    )


def parents(accounts: pl.DataFrame, *others: pl.DataFrame, roll_up: bool) -> dict[int, int | None]:
    """The parent of each account of any of the frames; None for all where nothing is rolled up."""
    ids = pl.concat([frame.select("account") for frame in others])
    parents: dict[int, int | None] = dict.fromkeys(ids["account"])
    for id, parent in accounts.select("account", "parent").iter_rows():
        parents[id] = parent if roll_up else None
    return parents


def placed(users: pl.DataFrame, licenses: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The active users, each with whether the nearest licence upwards has a number of purchased seats, and is its own."""
    nearest = (
        lines.join(licenses.filter(IS_LICENSE), left_on="above", right_on="account")
        .sort("distance")
        .unique("account", keep="first", maintain_order=True)
        .select(
            "account", on_seat=~pl.col("unlimited") & (pl.col("seats") > 0), is_holder=pl.col("distance") == 0
        )
    )
    return users.join(nearest, on="account", how="left").with_columns(
        pl.col("on_seat", "is_holder").fill_null(False)
    )


def account_rows(placed: pl.DataFrame, licenses: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per account with the figures of its subtree and, as ``own_``, of itself."""
    own = pl.col("distance") == 0
    on_seat = pl.col("on_seat")
    persons = (
        lines.join(placed, on="account")
        .group_by("above")
        .agg(
            active_users=pl.col("person").n_unique(),
            users_on_seats=pl.col("person").filter(on_seat).n_unique(),
            own_active_users=pl.col("person").filter(own & on_seat).n_unique(),
        )
    )
    limited = ~pl.col("unlimited")
    bought = (
        lines.join(licenses, on="account")
        .group_by("above")
        .agg(
            seats=pl.col("seats").filter(limited).sum(),
            own_seats=pl.col("seats").filter(own & limited).sum(),
            trial_seats=pl.col("trial_seats").sum(),
            on_trial=pl.col("on_trial").any(),
            unlimited_accounts=pl.col("unlimited").sum(),
            is_unlimited=(own & pl.col("unlimited")).any(),
        )
    )
    sizes = lines.group_by("above").agg(accounts=pl.len())
    return (
        sizes.join(persons, on="above", how="left")
        .join(bought, on="above", how="left")
        .with_columns(pl.col("is_unlimited", "on_trial").fill_null(False))
        .fill_null(0)
        .rename({"above": "account"})
        .sort("account")
    )


def tenant_row(placed: pl.DataFrame, licenses: pl.DataFrame) -> Row:
    """The tenant's figures: limited seats, and the persons whose nearest licence upwards is a limited one."""
    limited = licenses.filter(~pl.col("unlimited"))
    return {
        "own_active_users": placed.filter(pl.col("on_seat") & pl.col("is_holder"))["person"].n_unique(),
        "active_users": placed["person"].n_unique(),
        "users_on_seats": placed.filter("on_seat")["person"].n_unique(),
        "seats": limited["seats"].sum(),
        "trial_seats": licenses["trial_seats"].sum(),
        "on_trial": licenses["on_trial"].any(),
        "unlimited_accounts": licenses["unlimited"].sum(),
        "is_unlimited": False,
        "accounts": limited.filter(pl.col("seats") > 0).height,
    }
