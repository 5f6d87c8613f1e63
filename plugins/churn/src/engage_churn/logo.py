"""Churn of customers."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from engage_churn.config import ChurnConfig
from engage_churn.details import LogoChurn, Reason
from engage_churn.period import last_reasons, period_of, yearly
from engage_server.sdk import TENANT, Answer, Computation, Contribution, Interval, Subject
from engage_server.sdk.intervals import wilson
from engage_server.sdk.recurring import RecurringPeriod, compare, movements


def logo(rows: Computation[ChurnConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Customers lost / customers at the start."""
    period = rows.once(period_of)
    if period.terms.is_empty():
        return
    accounts = compare(period.opening, period.closing)
    was, is_now = pl.col("start") > 0, pl.col("end") > 0
    lost = accounts.filter(was & ~is_now)
    start = accounts.filter(was).height
    by_day = movements(period.changed, first=period.first, last=period.last)
    inside = _joined_and_left(by_day, accounts)
    counted = lost.height + (inside if rows.config.count_joined_and_left else 0)
    rate = counted / start if start else None
    left = by_day.filter(pl.col("kind") == "churn")["account"].unique()
    details = LogoChurn(
        start=start,
        lost=lost.height,
        joined=accounts.filter(~was & is_now).height,
        end=accounts.filter(is_now).height,
        returned=accounts.filter(was & is_now & pl.col("account").is_in(left.implode())).height,
        joined_and_left=inside,
        rate=lost.height / start if start else None,
        rate_with_joined_and_left=(lost.height + inside) / start if start else None,
        yearly=None if rate is None else yearly(rate, rows.config),
        reasons=tuple(_reasons(lost, period, rows)),
    )
    parts = tuple(
        Contribution(f"reason.{one.reason}" if one.reason else "reason", one.reason or "No reason given",
                     one.accounts, points=100 * one.accounts / start, n=one.accounts)
        for one in details.reasons
    ) if start and counted == lost.height else ()  # fmt: skip
    yield (
        TENANT,
        Answer(
            None if rate is None else 100 * rate,
            n=start,
            details=details,
            parts=parts,
            interval=_interval(counted, start, rows.config),
        ),
    )


def _interval(lost: int, start: int, config: ChurnConfig) -> Interval | None:
    """Wilson's; None where more were lost than there were at the start, as the variant may count."""
    return wilson(lost, start, level=config.confidence) if lost <= start else None


def _joined_and_left(by_day: pl.DataFrame, accounts: pl.DataFrame) -> int:
    """Accounts that paid on some day of the period and neither at its start nor at its end."""
    there = accounts.filter((pl.col("start") > 0) | (pl.col("end") > 0))
    paid = by_day.filter(pl.col("after") > 0).select("account").unique()
    return paid.join(there, on="account", how="anti").height


def _reasons(lost: pl.DataFrame, period: RecurringPeriod, rows: Computation[ChurnConfig]) -> Iterator[Reason]:
    last = last_reasons(period, rows).unique("account", keep="last", maintain_order=True)
    grouped = (
        lost.join(last, on="account", how="left")
        .with_columns(pl.col("reason").fill_null(""))
        .group_by("reason")
        .agg(accounts=pl.len(), amount=pl.col("start").sum())
        .sort("accounts", "reason", descending=[True, False])
    )
    for reason, accounts, amount in grouped.iter_rows():
        yield Reason(reason, accounts, Decimal(amount))
