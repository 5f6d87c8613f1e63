"""Conversion: who comes from one event to another in time, conversions per interaction, and accounts from free to paid."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

import polars as pl

from engage_conversion import card
from engage_conversion.config import ConversionConfig
from engage_conversion.events import counted, entries
from engage_conversion.plans import free_to_paid as follow_plans
from engage_server.sdk import (
    TENANT,
    AccountHistory,
    Accounts,
    Answer,
    Computation,
    Events,
    InputSpec,
    Plugin,
    Sample,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.cohorts import Wording, count_cohorts, percent, share

plugin = Plugin(
    "conversion",
    sdk=">=2,<3",
    config=ConversionConfig,
    title={"en": "Conversion", "ko": "전환"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_conversion"),
)
Rows = Computation[ConversionConfig]
Answers = Iterator[tuple[Subject, Answer]]
WORDING: Final = Wording("Converted in time", "Still in time", "Not converted in time")
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of the cohort."""

    entrants: Annotated[int, "Persons of the cohort, or their entries where each counts."]
    converted: Annotated[int, "Converted in time."]
    open: Annotated[int, "Did not yet, but are still in time."]
    median_hours: Annotated[float | None, "Of the converted: hours from the entry; null where there is none."]


@dataclass(frozen=True, slots=True)
class EventRatio:
    """Events of the trailing days, whoever did them."""

    entries: Annotated[int, "Entries, the interactions."]
    conversions: Annotated[int, "Converting events."]


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What became of the accounts that began on a free plan."""

    accounts: Annotated[int, "Accounts of the cohort."]
    converted: Annotated[int, "Were on a paid plan in time."]
    open: Annotated[int, "Are not yet, but still in time."]
    undated: Annotated[int, "Began on a free plan that nobody knows the begin of; in no cohort."]
    median_days: Annotated[float | None, "Of the converted: days from the free plan to the paid one."]


def events(config: ConversionConfig) -> dict[str, InputSpec]:
    """Entries and conversions of the cohort's days and of the time that they have."""
    names = (config.entry_event, config.conversion_event)
    return {"events": Events(names, days=config.days_read(config.within))}


@plugin.metric(
    "rate",
    title={"en": "Conversion rate", "ko": "전환율"},
    unit="%",
    card=card.RATE,
    details=Conversion,
    inputs=events,
    of_all=True,
    category="conversion",
)
def rate(rows: Rows) -> Answers:
    """For the tenant and each account: who converted in time / who entered."""
    table = rows.once(entries)
    hours = table.filter("reached").select(
        "account", hours=(pl.col("converted_at") - pl.col("entered_at")) / HOUR
    )
    medians = dict(hours.drop_nulls("account").group_by("account").agg(pl.col("hours").median()).iter_rows())
    medians = {TENANT: hours["hours"].median(), **{account(id): found for id, found in medians.items()}}
    for subject, cohort in count_cohorts(table, accounts=rows["accounts"]):
        details = Conversion(cohort.entrants, cohort.reached, cohort.open, medians.get(subject))
        yield subject, share(cohort, wording=WORDING, details=details)


@plugin.metric(
    "event_ratio",
    title={"en": "Conversions per interaction", "ko": "상호작용당 전환"},
    unit="%",
    card=card.EVENT_RATIO,
    details=EventRatio,
    inputs=events,
    of_all=True,
    category="conversion",
    no_interval="Events of one person depend on each other, and may be more than the interactions; it is no share.",
)
def event_ratio(rows: Rows) -> Answers:
    """For the tenant and each account: converting events / entries of the trailing days."""
    by_account = counted(rows)
    yield TENANT, _of_events(*by_account.select(pl.col("entries", "conversions").sum()).row(0))
    ids = pl.concat([rows["accounts"].select("account"), by_account.select("account")]).drop_nulls().unique()
    table = ids.join(by_account, on="account", how="left").fill_null(0).sort("account")
    for id, *counts in table.select("account", "entries", "conversions").iter_rows():
        yield account(id), _of_events(*counts)


def _of_events(entered: int, converted: int) -> Answer:
    return Answer(percent(converted, entered), n=entered, details=EventRatio(entered, converted))


def plans(config: ConversionConfig) -> dict[str, InputSpec] | None:
    """The history of plans, where some are named as free."""
    return {"plans": AccountHistory(), "accounts": Accounts()} if config.free_plans else None


@plugin.metric(
    "free_to_paid",
    title={"en": "Free to paid conversion", "ko": "무료에서 유료 전환율"},
    unit="%",
    subjects=("tenant",),
    card=card.FREE_TO_PAID,
    details=PlanChange,
    inputs=plans,
    category="conversion",
    sample=Sample.THINGS,
)
def free_to_paid(rows: Computation[Any]) -> Answer:
    """Accounts that came to a paid plan in time / accounts that began on a free one."""
    found = follow_plans(rows)
    details = PlanChange(
        accounts=found.cohort.entrants,
        converted=found.cohort.reached,
        open=found.cohort.open,
        undated=found.undated,
        median_days=found.median_days,
    )
    return share(found.cohort, wording=WORDING, details=details)
