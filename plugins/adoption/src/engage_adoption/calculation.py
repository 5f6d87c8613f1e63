"""Feature adoption per feature, and how many of the features in use an account uses."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

import polars as pl

from engage_adoption.config import AdoptionConfig
from engage_adoption.details import Hint
from engage_server.sdk import Contribution, Measurement, Status, account, feature

Row = dict[str, Any]
UNUSED = "unused."
"""How the keys of the parts begin that name a feature the account does not use."""


def percent(part: int, whole: int) -> float | None:
    """``100 * part / whole``, rounded once; null where the whole is zero."""
    return 100 * part / whole if whole else None


def account_ids(*frames: pl.DataFrame) -> pl.DataFrame:
    """The distinct known accounts of several frames, in order: one column ``account``."""
    return pl.concat([frame.select("account") for frame in frames]).drop_nulls().unique().sort("account")


def feature_adoption(
    *, uses: pl.DataFrame, features: pl.DataFrame, active: pl.DataFrame, config: AdoptionConfig, day: date
) -> Iterator[Measurement]:
    """Per feature of the dictionary: eligible persons who used it / eligible persons x 100, in per cent.

    Args:
        uses: FeatureUse of the window.
        features: Features; those without a use in the window have the value 0.
        active: ActivePersons of the window, the eligible persons.
        config: thresholds of adoption and of the hints.
        day: the computed day.
    """
    eligible = active.select("person").drop_nulls().unique()
    # What is used before its release has no age yet.
    listed = pl.concat([features.select("feature"), uses.select("feature")]).unique()
    age = (day - pl.coalesce("released_on", "known_since")).dt.total_days()
    ages = features.select("feature", age=age)
    table = (
        listed.join(_depth(uses, eligible, config), on="feature", how="left")
        .join(ages, on="feature", how="left")
        .fill_null(0)
    )
    for row in table.sort("feature").iter_rows(named=True):
        yield _feature_measurement(row, active_users=eligible.height, config=config)


def _depth(uses: pl.DataFrame, eligible: pl.DataFrame, config: AdoptionConfig) -> pl.DataFrame:
    persons = (
        uses.join(eligible, on="person", how="semi")
        .group_by("feature", "person")
        .agg(pl.col("uses").sum(), pl.col("person_days").max())
    )
    enough_uses = pl.col("uses") >= config.adopted_min_uses
    adopted = enough_uses & (pl.col("person_days") >= config.adopted_min_days)
    return persons.group_by("feature").agg(
        users=pl.len(),
        adopters=adopted.sum(),
        adopter_uses=pl.col("uses").filter(adopted).sum(),
    )


def _feature_measurement(row: Row, *, active_users: int, config: AdoptionConfig) -> Measurement:
    users, adopters = row["users"], row["adopters"]
    value = percent(users, active_users)
    return Measurement(
        metric="feature_adoption",
        subject=feature(row["feature"]),
        value=value,
        n=active_users,
        status=Status.NO_DATA if value is None else Status.OK,
        window_days=config.window_days,
        contributions=_by_depth(adopters=adopters, trials=users - adopters, active_users=active_users),
        details={
            "users": users,
            "active_users": active_users,
            "adopters": adopters,
            "trial_users": users - adopters,
            "adopted_share": percent(adopters, users),
            "uses_per_adopter": row["adopter_uses"] / adopters if adopters else None,
            "feature_age_days": row["age"],
            "hint": _hint(users=users, active_users=active_users, age=row["age"], config=config),
        },
    )


def _by_depth(*, adopters: int, trials: int, active_users: int) -> tuple[Contribution, ...]:
    parts = (("adopters", "Adopted it", adopters), ("trial_users", "Tried it", trials))
    return tuple(
        Contribution(key=key, label=label, value=number, points=percent(number, active_users), n=number)
        for key, label, number in parts
        if active_users
    )


def _hint(*, users: int, active_users: int, age: int, config: AdoptionConfig) -> str | None:
    if 100 * users < config.removal_below * active_users:
        return (Hint.CONSIDER_REMOVAL if age >= config.removal_after_days else Hint.TOO_YOUNG).value
    if 100 * users < config.core_target * active_users:
        return Hint.CHECK_VISIBILITY.value
    return None


def features_used(
    *, uses: pl.DataFrame, active: pl.DataFrame, accounts: pl.DataFrame, config: AdoptionConfig
) -> Iterator[Measurement]:
    """Per account: features it used / features used anywhere in the tenant in the window x 100, in per cent.

    Every account has a value, so that one which stopped using anything falls to 0 instead of going stale.
    """
    in_use = (
        uses.group_by("feature")
        .agg(pl.col("feature_name").min(), users=pl.col("person").n_unique())
        .sort("users", "feature", descending=[True, False])
        .rows()
    )
    used = uses.group_by("account").agg(pl.col("feature").unique())
    persons = active.group_by("account").agg(active_users=pl.col("person").n_unique())
    table = account_ids(accounts, active, uses).join(used, on="account", how="left")
    for row in table.join(persons, on="account", how="left").sort("account").iter_rows(named=True):
        yield _account_measurement(row, in_use=in_use, config=config)


def _account_measurement(
    row: Row, *, in_use: list[tuple[int, str, int]], config: AdoptionConfig
) -> Measurement:
    used = set(row["feature"] or ())
    value = percent(len(used), len(in_use))
    unused = ((name, users) for id, name, users in in_use if id not in used)
    uses = Contribution(key="used", label="Features used", value=len(used), points=value, n=len(used))
    return Measurement(
        metric="features_used",
        subject=account(row["account"]),
        value=value,
        n=len(in_use),
        status=Status.NO_DATA if value is None else Status.OK,
        window_days=config.window_days,
        contributions=(
            *((uses,) if in_use else ()),
            *(
                Contribution(
                    key=f"{UNUSED}{rank}",
                    label=name,
                    value=0,
                    points=0,
                    n=users,
                    note="Unused by this account",
                )
                for rank, (name, users) in enumerate(islice(unused, config.suggestions), start=1)
            ),
        ),
        details={
            "used_features": len(used),
            "unused_features": len(in_use) - len(used),
            "active_users": row["active_users"] or 0,
        },
    )
