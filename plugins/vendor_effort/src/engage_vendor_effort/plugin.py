"""Contacts with each account, and how long its requests wait for a first answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from statistics import median
from typing import Annotated

import polars as pl

from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Contribution,
    Direction,
    Events,
    InputSpec,
    Plugin,
    Sample,
    Subject,
    Touches,
    account,
    catalogues_beside,
)
from engage_vendor_effort import card
from engage_vendor_effort.config import VendorEffortConfig

plugin = Plugin(
    "vendor_effort",
    sdk=">=2,<3",
    config=VendorEffortConfig,
    title={"en": "Effort of your own", "ko": "자사의 노력"},
    schedule="30 3 * * *",
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_vendor_effort"),
)


@dataclass(frozen=True, slots=True)
class ChannelTouches:
    """Contacts by one channel."""

    channel: Annotated[str, "Its name in the configuration."]
    touches: Annotated[int, "Contacts."]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts by channel, and how many days had one."""

    channels: Annotated[tuple[ChannelTouches, ...], "Channels with a contact, by name."]
    contact_days: Annotated[int, "Days with a contact."]
    days_since_last: Annotated[int, "Days since the last contact."]


@dataclass(frozen=True, slots=True)
class Responses:
    """Requests by what became of them."""

    answered: Annotated[int, "Requests with an answer."]
    overdue: Annotated[
        int, "Requests without one that waited for the whole of the patience; counted with it."
    ]
    waiting: Annotated[int, "Requests without one that may still be answered in time; not counted."]


def touch_inputs(config: VendorEffortConfig) -> dict[str, InputSpec]:
    """The contacts by the configured channels."""
    channels = tuple((name, events) for name, events in sorted(config.channels.items()))
    return {"touches": Touches(channels=channels, days=config.days)}


def request_inputs(config: VendorEffortConfig) -> dict[str, InputSpec]:
    """Requests and answers with the property that they share."""
    names = (config.request, config.response)
    return {"events": Events(events=names, properties=((config.request_key, "str"),), days=config.days)}


@plugin.metric(
    "touches",
    title={"en": "Contacts with the customer", "ko": "고객 접촉 수"},
    unit={"en": "contacts", "ko": "회"},
    details=Contacts,
    card=card.TOUCHES,
    inputs=touch_inputs,
    of_all=True,
    category="health",
    sample=Sample.THINGS,
    no_interval="All contacts are counted; there is no sample.",
)
def touches(rows: Computation[VendorEffortConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The contacts of the window, of the tenant and of each account with one."""
    found = rows["touches"].drop_nulls("channel")
    if found.is_empty():
        return
    yield TENANT, _contacts(found, rows)
    for (id,), of_account in found.drop_nulls("account").partition_by("account", as_dict=True).items():
        yield account(int(id)), _contacts(of_account, rows)


@plugin.metric(
    "response_hours",
    title={"en": "Time to first response", "ko": "첫 응답 시간"},
    unit={"en": "hours", "ko": "시간"},
    direction=Direction.DOWN,
    details=Responses,
    card=card.RESPONSE_HOURS,
    inputs=request_inputs,
    of_all=True,
    category="health",
    sample=Sample.THINGS,
    no_interval="All requests of the window are measured; there is no sample.",
)
def response_hours(rows: Computation[VendorEffortConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The median time to the first response, of the tenant and of each account with a request."""
    waits = _waits(rows)
    if waits.is_empty():
        return
    yield TENANT, _median(waits, rows.config)
    for (id,), of_account in waits.drop_nulls("account").partition_by("account", as_dict=True).items():
        yield account(int(id)), _median(of_account, rows.config)


def _contacts(found: pl.DataFrame, rows: Computation[VendorEffortConfig]) -> Answer:
    by_channel = found.group_by("channel").agg(pl.col("touches").sum()).sort("channel")
    total = int(found["touches"].sum())
    last: date = max(found["day"])
    return Answer(
        total,
        n=total,
        parts=tuple(
            Contribution(name, name.replace("_", " ").capitalize(), number, points=number, n=number)
            for name, number in by_channel.iter_rows()
        ),
        details=Contacts(
            channels=tuple(ChannelTouches(name, number) for name, number in by_channel.iter_rows()),
            contact_days=found["day"].n_unique(),
            days_since_last=(rows.day - last).days,
        ),
    )


def _waits(rows: Computation[VendorEffortConfig]) -> pl.DataFrame:
    """A row for each request: its account, and the hours until the first answer or, where there is none, until now."""
    config, key = rows.config, f"properties.{rows.config.request_key}"
    keyed = rows["events"].filter(pl.col(key).is_not_null())
    requests = (
        keyed.filter(pl.col("event") == config.request).group_by(key, "account").agg(asked=pl.col("at").min())
    )
    answers = keyed.filter(pl.col("event") == config.response).select(key, "account", answered="at")
    # An answer may be recorded for nobody in particular: the request's key alone says to what it belongs.
    paired = requests.join(answers.select(key, "answered"), on=key, how="left")
    firsts = paired.group_by(key, "account", "asked").agg(
        pl.col("answered").filter(pl.col("answered") >= pl.col("asked")).min()
    )
    end = rows.window.end.astimezone(UTC)
    until = pl.coalesce("answered", pl.lit(end, dtype=pl.Datetime("us", "UTC")))
    return firsts.select(
        "account",
        hours=(until - pl.col("asked")).dt.total_microseconds() / 3.6e9,
        is_answered=pl.col("answered").is_not_null(),
    )


def _median(waits: pl.DataFrame, config: VendorEffortConfig) -> Answer:
    patience = float(config.patience_hours)
    late = waits.filter(~pl.col("is_answered") & (pl.col("hours") >= patience)).height
    answered = sorted(min(hours, patience) for hours in waits.filter("is_answered")["hours"])
    counted = [*answered, *[patience] * late]
    return Answer(
        median(counted) if counted else None,
        n=len(counted),
        details=Responses(answered=len(answered), overdue=late, waiting=waits.height - len(answered) - late),
    )
