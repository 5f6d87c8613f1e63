"""What a product returns to its customers: what they got done, at the worth that the tenant gives it, against its price."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final

import polars as pl

from engage_server.sdk import TENANT, Answer, Computation, Subject, account
from engage_server.sdk.money import AMOUNT, Exchange
from engage_time_to_value.config import TimeToValueConfig

DAYS: Final = 30
"""Days of events that stand against a month's price."""


@dataclass(frozen=True, slots=True)
class Return:
    """What stands against what."""

    events: Annotated[int, "Events of worth of the trailing 30 days."]
    gained: Annotated[Decimal, "What they are worth, in the currency."]
    price: Annotated[Decimal, "The monthly price of the subscriptions of the day, trials aside."]
    currency: Annotated[str, "Currency of both."]


def returns(rows: Computation[TimeToValueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """For the tenant and each account that is listed, pays or did something: what it gained over the price."""
    config = rows.config
    seats = rows["seats"].filter(~pl.col("is_trial").fill_null(value=False)).drop_nulls(["account", "mrr"])
    amounts = seats.select("account", "currency", amount=pl.col("mrr").cast(AMOUNT))
    prices = (
        Exchange.of(config, amounts)
        .convert(amounts, on=rows.day)
        .group_by("account")
        .agg(pl.col("amount").sum())
    )
    events = rows["uses"].drop_nulls("account").group_by("account").agg(pl.col("count").sum())
    ids = (
        pl.concat([frame.select("account") for frame in (rows["accounts"], prices, events)])
        .drop_nulls()
        .unique()
    )
    table = (
        ids.join(events, on="account", how="left")
        .join(prices, on="account", how="left")
        .with_columns(pl.col("count").fill_null(0), pl.col("amount").fill_null(Decimal(0)))
        .sort("account")
    )
    yield TENANT, _answer(config, int(table["count"].sum()), sum(table["amount"].to_list(), Decimal(0)))
    for id, count, price in table.select("account", "count", "amount").iter_rows():
        yield account(id), _answer(config, count, price)


def _answer(config: TimeToValueConfig, events: int, price: Decimal) -> Answer:
    gained = events * config.worth
    details = Return(events, gained, price, config.currency or "")
    value = 100 * float((gained - price) / price) if price > 0 else None
    return Answer(value, n=events, details=details)
