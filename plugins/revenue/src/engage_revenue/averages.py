"""Average revenue per user, account and paying account, each with what it was divided by."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import polars as pl

from engage_revenue.config import RevenueConfig
from engage_revenue.details import AverageOfPaying, AverageRevenue, CrossCheck
from engage_revenue.one_off import period_entries
from engage_revenue.recurring import recurring
from engage_server.sdk import TENANT, Answer, Computation, Subject
from engage_server.sdk.money import Exchange
from engage_server.sdk.recurring import ZERO, total

CENT: Final = Decimal("0.01")


def arpu(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Revenue / persons active in the trailing days."""
    users = rows["active"]["person"].drop_nulls().n_unique()
    days = rows.config.arpu_days
    yield from _average(rows, users, f"persons active in the {days} days to the end of the day")


def arpa(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Revenue / accounts at the stage CUSTOMER, whether they pay or not."""
    customers = rows["accounts"].filter(pl.col("stage") == "CUSTOMER")["account"].n_unique()
    yield from _average(rows, customers, "accounts at the stage CUSTOMER at the end of the day")


def _average(
    rows: Computation[RevenueConfig], divisor: int, divided_by: str
) -> Iterator[tuple[Subject, Answer]]:
    frames = [rows[name] for name in ("subscriptions", "ledger") if name in rows.inputs]
    if not divisor or all(frame.is_empty() for frame in frames):
        return
    exchange = Exchange.of(rows.config, *frames)
    revenue = rows.only("subscriptions").once(recurring).mrr
    if "ledger" in rows.inputs:
        revenue += total(period_entries(rows, exchange))
    details = AverageRevenue(exchange.currency, revenue, float(divisor), divided_by)
    yield TENANT, Answer(float(revenue / divisor), n=divisor, details=details)


def arppu(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Monthly recurring revenue / accounts that pay."""
    state = rows.only("subscriptions").once(recurring)
    opening, closing = (frame.filter(pl.col("amount") > 0).height for frame in (state.opening, state.closing))
    divisor, divided_by = float(closing), "paying accounts at the end of the day"
    if rows.config.average_over == "average":
        divisor, divided_by = (opening + closing) / 2, "mean of the paying accounts at start and end"
    if not divisor:
        return
    details = AverageOfPaying(
        currency=state.exchange.currency,
        revenue=state.mrr,
        divisor=divisor,
        divided_by=divided_by,
        cross_check=_cross_check(rows["seats"], state.mrr, state.exchange, rows),
    )
    yield TENANT, Answer(float(state.mrr) / divisor, n=closing, details=details)


def _cross_check(
    seats: pl.DataFrame, mrr: Decimal, exchange: Exchange, rows: Computation[RevenueConfig]
) -> CrossCheck:
    """Subscribers times their average by the subscriptions of the day, which another statement of the server reads."""
    paid = seats.filter(~pl.col("is_trial")).drop_nulls("mrr")
    monthly = exchange.convert(paid.with_columns(amount=pl.col("mrr").str.to_decimal(scale=4)), on=rows.day)
    payers = monthly.group_by("account").agg(pl.col("amount").sum()).filter(pl.col("amount") > 0)
    subscribers = payers.height
    average = (total(payers) / subscribers).quantize(CENT) if subscribers else None
    product = subscribers * average if average is not None else ZERO
    return CrossCheck(
        subscribers=subscribers,
        average=average,
        product=product,
        difference=product - mrr,
        agrees=abs(product - mrr) <= CENT / 2 * max(subscribers, 1),
    )
