"""Usage frequency of every account, and the share of accounts that use the product regularly."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

import polars as pl

from engage_server.sdk import (
    Accounts,
    ActiveDays,
    Answer,
    Computation,
    Contribution,
    InputSpec,
    Plugin,
    Sample,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.intervals import wilson
from engage_server.sdk.observation import observed_days
from engage_usage_frequency import card
from engage_usage_frequency.config import UsageFrequencyConfig
from engage_usage_frequency.frequency import LOW, Frequency, frequency_of

plugin = Plugin(
    "usage_frequency",
    sdk=">=2,<3",
    config=UsageFrequencyConfig,
    title={"en": "Usage frequency", "ko": "사용 빈도"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_usage_frequency"),
)
Rows = Computation[UsageFrequencyConfig]
Answers = Iterator[tuple[Subject, Answer]]
USING: Final = ("CUSTOMER", "TRIAL")
"""Stages in which an account is expected to use the product."""


@dataclass(frozen=True, slots=True)
class Regularity:
    """How regularly an account is used."""

    frequency: Annotated[Frequency, "DAILY, WEEKLY, INFREQUENT or NONE."]
    low: Annotated[bool, "Whether it is INFREQUENT or NONE: a reason to alert the team."]
    observed_days: Annotated[int, "Days compared: the window, or the account's own age."]
    active_share: Annotated[float, "Active days among those observed, 0 to 1."]
    active_persons: Annotated[int, "Persons active in the window."]
    last_active_on: Annotated[date | None, "The last active day of the window."]


@dataclass(frozen=True, slots=True)
class Classes:
    """Accounts and persons by class."""

    daily: Annotated[int, "Accounts used daily."]
    weekly: Annotated[int, "Accounts used weekly."]
    infrequent: Annotated[int, "Accounts used less."]
    none: Annotated[int, "Accounts not used."]
    daily_persons: Annotated[int, "Persons who come daily."]
    weekly_persons: Annotated[int, "Persons who come weekly."]
    infrequent_persons: Annotated[int, "Persons who come less."]


def inputs(config: UsageFrequencyConfig) -> dict[str, InputSpec]:
    """Active days of the window, and the accounts."""
    active = ActiveDays(days=config.window_days, event_class=config.event_class)
    return {"active": active, "accounts": Accounts()}


@plugin.metric(
    "active_days",
    title={"en": "Active days", "ko": "활성 일수"},
    unit={"en": "days", "ko": "일"},
    subjects=("account",),
    card=card.ACTIVE_DAYS,
    details=Regularity,
    inputs=inputs,
    of_all=True,
    no_interval="All days of the window are counted.",
)
def active_days(rows: Rows) -> Answers:
    """Active days and class of each account, used or not."""
    for row in rows.once(regularities).iter_rows(named=True):
        days, observed = row["days"], row["observed"]
        frequency = frequency_of(days, observed, rows.config)
        details = Regularity(
            frequency, frequency in LOW, observed, days / observed, row["persons"], row["last"]
        )
        yield account(row["account"]), Answer(days, n=row["persons"], details=details, window_days=observed)


def regularities(rows: Rows) -> pl.DataFrame:
    """One row per account: its active and observed days, persons and last active day."""
    known = rows["active"].drop_nulls()
    daily = known.group_by("account", "day").agg(pl.col("person").n_unique())
    counted = daily.filter(pl.col("person") >= rows.config.min_persons)
    days = counted.group_by("account").agg(days=pl.len(), last=pl.col("day").max())
    persons = known.group_by("account").agg(persons=pl.col("person").n_unique())
    stages = rows["accounts"].select("account", "stage").drop_nulls("account").unique("account", keep="any")
    observed = observed_days(rows["accounts"], known, window=rows.window, days=rows.config.window_days)
    return (
        observed.join(stages, on="account", how="left")
        .join(persons, on="account", how="left")
        .join(days, on="account", how="left")
        .with_columns(pl.col("days", "persons").fill_null(0))
        .sort("account")
    )


@plugin.metric(
    "regular_accounts",
    title={"en": "Accounts with regular use", "ko": "정기 사용 고객사 비율"},
    unit="%",
    subjects=("tenant",),
    card=card.REGULAR,
    details=Classes,
    inputs=inputs,
    sample=Sample.THINGS,
)
def regular_accounts(rows: Rows) -> Answer | None:
    """The share of accounts used daily or weekly, with all four classes."""
    table = rows.once(regularities).filter(pl.col("stage").is_in(USING))
    classes = Counter(
        frequency_of(days, observed, rows.config)
        for days, observed in table.select("days", "observed").iter_rows()
    )
    if not table.height:
        return None
    persons = rows["active"].drop_nulls("person").group_by("person").agg(days=pl.col("day").n_unique())
    people = Counter(frequency_of(days, rows.config.window_days, rows.config) for days in persons["days"])
    regular = classes[Frequency.DAILY] + classes[Frequency.WEEKLY]
    accounts = [classes[kind] for kind in Frequency]
    details = Classes(*accounts, *(people[kind] for kind in Frequency if kind is not Frequency.NONE))
    return Answer(
        100 * regular / table.height,
        n=table.height,
        details=details,
        parts=tuple(_part(kind, classes[kind], table.height) for kind in Frequency),
        interval=wilson(regular, table.height),
    )


def _part(kind: Frequency, accounts: int, of: int) -> Contribution:
    share = 100 * accounts / of
    points = 0 if kind in LOW else share
    return Contribution(kind.lower(), f"{kind.capitalize()}, %", share, points=points, n=accounts)
