"""Revenue beside subscriptions, from the ledger."""

from collections.abc import Iterator

import polars as pl

from engage_revenue.config import RevenueConfig
from engage_revenue.details import OneOff
from engage_server.sdk import TENANT, Answer, Computation, Subject, account
from engage_server.sdk.money import Exchange
from engage_server.sdk.recurring import total


def period_entries(rows: Computation[RevenueConfig], exchange: Exchange) -> pl.DataFrame:
    """The period's revenues, each at the rates of its own day."""
    return exchange.convert(rows["ledger"].filter(pl.col("kind") == "REVENUE"), on="day")


def one_off(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The tenant's, then that of each account with an entry in the period."""
    entries = period_entries(rows, Exchange.of(rows.config, rows["ledger"]))
    if entries.is_empty():
        return
    currency = Exchange.of(rows.config, rows["ledger"]).currency
    yield TENANT, _answer(entries, currency)
    for (id,), own in (
        entries.drop_nulls("account").sort("account").partition_by("account", as_dict=True).items()
    ):
        yield account(int(id)), _answer(own, currency)


def _answer(entries: pl.DataFrame, currency: str) -> Answer:
    details = OneOff(
        currency=currency,
        entries=entries.height,
        customers=entries["account"].drop_nulls().n_unique(),
        without_account=total(entries.filter(pl.col("account").is_null())),
        refunds=total(entries.filter(pl.col("amount") < 0)),
    )
    return Answer(float(total(entries)), n=entries.height, details=details)
