"""Active users against purchased seats, per account and for the tenant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import polars as pl

from engage_license_utilization import card
from engage_license_utilization.config import Band, LicenseUtilizationConfig
from engage_license_utilization.hierarchy import lineage
from engage_server.sdk import (
    TENANT,
    ActivePersons,
    Answer,
    Computation,
    Contribution,
    Plugin,
    Sample,
    Seats,
    Subject,
    account,
)

TITLES: Final = {"en": "License utilization", "ko": "라이선스 활용률"}
plugin = Plugin(
    "license_utilization",
    sdk=">=2,<3",
    config=LicenseUtilizationConfig,
    title=TITLES,
    owner="Engage maintainers",
    licence="Apache-2.0",
)
Row = Mapping[str, Any]
IS_LICENSE: Final = pl.col("unlimited") | (pl.col("seats") > 0) | pl.col("on_trial")
# Names of the two parts, by kind of subject.
LABELS: Final = {
    "tenant": ("In accounts with seats of their own", "Only in accounts below those"),
    "account": ("In the account itself", "Only in accounts below"),
}


@dataclass(frozen=True, slots=True)
class Licenses:
    """Seats and who uses them."""

    active_users: Annotated[int, "Persons who use a seat; all active ones where there is none."]
    active_without_seat: Annotated[int, "Active under an unlimited plan, a trial or none; not in the value."]
    seats: Annotated[int | None, "Null for an unlimited plan, a trial or none."]
    spare_seats: Annotated[int | None, "Seats less active users; negative where seats lack."]
    trial_seats: Annotated[int, "Seats on trial, which were not purchased."]
    unlimited_accounts: Annotated[int, "Accounts of these with an unlimited subscription."]
    accounts: Annotated[int, "Accounts that the figures cover."]
    mode: Annotated[str, "seats, unlimited, trial or none."]
    band: Annotated[Band | None, "Where the utilization lies; the edges are configuration."]
    opportunity: Annotated[bool, "Full or over-allocated: a reason to offer more seats."]
    own_active_users: Annotated[int | None, "In the account itself; for the tenant, in accounts with seats."]
    own_seats: Annotated[int | None, "Of the account itself; null for the tenant."]


@plugin.metric(
    "utilization",
    title=TITLES,
    unit="%",
    direction="TARGET",
    card=card.UTILIZATION,
    details=Licenses,
    inputs=lambda config: {
        "active": ActivePersons(days=config.window_days, event_class=config.event_class),
        "seats": Seats(),
    },
    of_all=True,
    category="adoption",
    definition_version=3,
    sample=Sample.THINGS,
    no_interval="Seats and persons are counted; there is no sample.",
)
def utilization(rows: Computation[LicenseUtilizationConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Active users / purchased seats x 100, in per cent, for the tenant and every account.

    Raises:
        AccountCycleError: an account is its own ancestor, and the configuration rolls up.
    """
    config = rows.config
    users, licenses = rows["active"].drop_nulls().unique(), _licenses(rows["seats"], config)
    lines = lineage(_parents(rows["accounts"], users, licenses, roll_up=config.roll_up_children))
    placed = _placed(users, licenses, lines)
    yield TENANT, _answer(TENANT, _tenant_row(placed, licenses), config)
    for row in _account_rows(placed, licenses, lines).iter_rows(named=True):
        subject = account(row["account"])
        yield subject, _answer(subject, row, config)


def _licenses(seats: pl.DataFrame, config: LicenseUtilizationConfig) -> pl.DataFrame:
    """Per account: its seats, whether one of its subscriptions is unlimited or on trial, and the seats on trial."""
    trial = pl.col("is_trial")
    counted = pl.lit(True) if config.include_trials else ~trial
    return seats.group_by("account").agg(
        unlimited=pl.col("seats").filter(counted).is_null().any(),
        seats=pl.col("seats").filter(counted).sum(),
        on_trial=trial.any(),
        trial_seats=pl.col("seats").filter(trial).sum(),
    )


def _parents(
    accounts: pl.DataFrame, users: pl.DataFrame, licenses: pl.DataFrame, *, roll_up: bool
) -> dict[int, int | None]:
    others = pl.concat([users.select("account"), licenses.select("account")])
    parents: dict[int, int | None] = dict.fromkeys(others["account"])
    for id, parent in accounts.select("account", "parent").iter_rows():
        parents[id] = parent if roll_up else None
    return parents


def _placed(users: pl.DataFrame, licenses: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
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


def _account_rows(placed: pl.DataFrame, licenses: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
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


def _tenant_row(placed: pl.DataFrame, licenses: pl.DataFrame) -> Row:
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


def _answer(subject: Subject, row: Row, config: LicenseUtilizationConfig) -> Answer:
    users, everybody, mode = row["users_on_seats"], row["active_users"], _mode(row)
    seats = row["seats"] if mode == "seats" else None
    band = _band(users=users, seats=seats, config=config) if seats else None
    details = Licenses(
        active_users=users if seats else everybody,
        active_without_seat=everybody - users if seats else 0,
        seats=seats,
        spare_seats=seats - users if seats else None,
        mode=mode,
        band=band,
        opportunity=band in {Band.FULL, Band.OVER_ALLOCATED},
        own_active_users=row.get("own_active_users"),
        own_seats=row.get("own_seats"),
        **{name: row[name] for name in ("trial_seats", "unlimited_accounts", "accounts")},
    )
    parts = _own_and_below(row, seats, labels=LABELS[subject.kind]) if seats else ()
    return Answer(100 * users / seats if seats else None, n=seats or 0, details=details, parts=parts)


def _mode(row: Row) -> str:
    if row["is_unlimited"]:
        return "unlimited"
    if row["seats"]:
        return "seats"
    if row["unlimited_accounts"]:
        return "unlimited"
    return "trial" if row["on_trial"] else "none"


def _band(*, users: int, seats: int, config: LicenseUtilizationConfig) -> Band:
    hundredfold = 100 * users
    if hundredfold < config.healthy_low * seats:
        return Band.UNDER
    if hundredfold < config.healthy_high * seats:
        return Band.HEALTHY
    return Band.FULL if users <= seats else Band.OVER_ALLOCATED


def _own_and_below(row: Row, seats: int, *, labels: tuple[str, str]) -> tuple[Contribution, ...]:
    """The users of seats in accounts that have them, and those active only in the accounts below; together the value."""
    own = row["own_active_users"]
    parts = (("own", labels[0], own), ("below", labels[1], row["users_on_seats"] - own))
    return tuple(
        Contribution(key, label, number, points=100 * number / seats, n=number)
        for key, label, number in parts
        if key == "own" or row["accounts"] > 1 or number
    )
