"""Churn of revenue, gross and net."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from engage_churn.config import ChurnConfig
from engage_churn.details import ReasonAmount, RevenueChurn
from engage_churn.period import last_reasons, period_of, yearly
from engage_server.sdk import TENANT, Answer, Computation, Contribution, Subject
from engage_server.sdk.recurring import RecurringPeriod, by_kind, total


def gross(rows: Computation[ChurnConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Churn and contraction / revenue at the start."""
    yield from _churn(rows, of_gains=0)


def net(rows: Computation[ChurnConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Churn and contraction, less expansion and reactivation / revenue at the start."""
    yield from _churn(rows, of_gains=-1)


def _churn(rows: Computation[ChurnConfig], *, of_gains: int) -> Iterator[tuple[Subject, Answer]]:
    period = rows.once(period_of)
    if period.terms.is_empty():
        return
    sums = by_kind(period.moved)
    start = total(period.opening)
    amounts = {
        "churned": ("Churn", -sums["churn"]),
        "contracted": ("Contraction", -sums["contraction"]),
        "expanded": ("Expansion", of_gains * sums["expansion"]),
        "reactivated": ("Reactivation", of_gains * sums["reactivation"]),
    }
    rate = float(sum(amount for _, amount in amounts.values()) / start) if start > 0 else None
    details = RevenueChurn(
        currency=period.exchange.currency,
        start=start,
        churned=-sums["churn"],
        contracted=-sums["contraction"],
        expanded=sums["expansion"],
        reactivated=sums["reactivation"],
        yearly=None if rate is None else yearly(rate, rows.config),
        reasons=tuple(_reasons(period, rows)),
    )
    parts = tuple(
        Contribution(key, label, float(amount), points=float(100 * amount / start))
        for key, (label, amount) in amounts.items()
        if start > 0 and amount
    )
    value = None if rate is None else 100 * rate
    yield TENANT, Answer(value, n=period.opening.height, details=details, parts=parts)


def _reasons(period: RecurringPeriod, rows: Computation[ChurnConfig]) -> Iterator[ReasonAmount]:
    """The losses of each account and day, by the reason of what ended on it."""
    lost = period.moved.filter(pl.col("kind").is_in(["churn", "contraction"]))
    reasons, keys = last_reasons(period, rows), ["account", "day"]
    if period.grouping == "period":
        keys = ["account"]
        reasons = reasons.unique("account", keep="last", maintain_order=True).drop("day")
    grouped = (
        lost.join(reasons, on=keys, how="left")
        .with_columns(pl.col("reason").fill_null(""))
        .group_by("reason")
        .agg(amount=-pl.col("amount").sum())
        .sort("amount", "reason", descending=[True, False])
    )
    for reason, amount in grouped.iter_rows():
        yield ReasonAmount(reason, Decimal(amount))
