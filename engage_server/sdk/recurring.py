"""Monthly recurring revenue from the terms of subscriptions: what each account pays, and how that moves.

All is exact: a price becomes a monthly amount of ten decimals once, and the rest is addition. So the movements of any
period add up to the change of the revenue, to the last digit.
"""

from calendar import monthrange
from datetime import date
from typing import Final, Literal

import polars as pl

from engage_server.sdk.money import AMOUNT, Exchange

Recognition = Literal["period_end", "cancellation"]
Grouping = Literal["day", "period"]

KINDS: Final = ("new", "expansion", "reactivation", "contraction", "churn")
GAINS: Final = frozenset({"new", "expansion", "reactivation"})
NOTICES: Final = ("non_renewing", "canceled", "ended", "expired", "incomplete_expired", "transferred")
"""Statuses under which a subscription still runs until its end, though notice was given of it."""
ZERO: Final = pl.lit(0, dtype=AMOUNT)


def months_before(day: date, months: int) -> date:
    """The same day so many months before; the month's last where it has no such day. Negative: after."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def paid_terms(
    subscriptions: pl.DataFrame, exchange: Exchange, *, day: date, recognition: Recognition = "period_end"
) -> pl.DataFrame:
    """The terms that are paid for, with ``amount`` a month in the reports' currency, at the rates of ``day``.

    ``recognition`` says when a subscription that notice was given of is lost: at its end, or from the day on which its
    status says so. Of one that was never known otherwise that day is unknown; it is lost at its end.

    Args:
        subscriptions: rows of the input Subscriptions with ``ever``.

    Raises:
        MissingRateError: an amount's currency has no rate.
    """
    terms = subscriptions
    if recognition == "cancellation":
        terms = _without_notice(terms)
    paid = terms.filter(pl.col("is_paid"))
    monthly = exchange.convert(paid, on=day).with_columns(
        amount=pl.col("amount") / pl.col("interval_months").cast(AMOUNT)
    )
    return monthly.select(
        "account",
        "subscription",
        "plan",
        "channel",
        "cancel_reason",
        "amount",
        begin="valid_from",
        until="valid_until",
    )


def _without_notice(terms: pl.DataFrame) -> pl.DataFrame:
    """The terms without those that hold from a notice on until the end."""
    is_notice = pl.col("status").is_in(NOTICES)
    return (
        terms.sort("subscription", "valid_from")
        .with_columns(
            is_last_word=~(~is_notice).reverse().cum_max().reverse().over("subscription"),
            place=pl.int_range(pl.len()).over("subscription"),
        )
        .filter(~(is_notice & pl.col("is_last_word") & (pl.col("place") > 0)))
        .drop("is_last_word", "place")
    )


def changes(terms: pl.DataFrame, *, day: date) -> pl.DataFrame:
    """By how much the monthly amount of each account changed up to ``day``: rows account, channel, day and amount."""
    begun = terms.filter(pl.col("begin") <= day).select("account", "channel", "amount", day="begin")
    ended = terms.filter(pl.col("until") <= day).select(
        "account", "channel", amount=-pl.col("amount"), day="until"
    )
    return (
        pl.concat([begun, ended])
        .group_by("account", "channel", "day")
        .agg(pl.col("amount").sum())
        .filter(pl.col("amount") != 0)
        .sort("account", "day", "channel")
    )


def balances(changed: pl.DataFrame, *, before: date) -> pl.DataFrame:
    """What each account pays a month when the day ``before`` begins: account and amount; who pays nothing is absent."""
    return (
        changed.filter(pl.col("day") < before)
        .group_by("account")
        .agg(pl.col("amount").sum())
        .filter(pl.col("amount") != 0)
        .sort("account")
    )


def movements(changed: pl.DataFrame, *, first: date, last: date, grouping: Grouping = "day") -> pl.DataFrame:
    """The movements of accounts from ``first`` to ``last``: account, day, kind (one of KINDS), amount, before and after.

    The changes of one account on a day are one movement; with the grouping "period" all of them in the period are, dated
    its last day. Who pays for the first time ever is new, who pays again after having paid nothing reactivated.
    """
    inside = pl.col("day").is_between(first, last)
    dated = changed.filter(pl.col("day") <= last)
    if grouping == "period":
        dated = dated.with_columns(day=pl.when(inside).then(pl.lit(last)).otherwise(pl.col("day")))
    moved = (
        dated.group_by("account", "day")
        .agg(pl.col("amount").sum())
        .filter(pl.col("amount") != 0)
        .sort("account", "day")
        .with_columns(after=pl.col("amount").cum_sum().over("account"))
        .with_columns(before=pl.col("after") - pl.col("amount"))
        .with_columns(paid_before=(pl.col("before") > 0).cum_max().over("account"))
    )
    return moved.filter(inside).with_columns(kind=_kind()).drop("paid_before")


def _kind() -> pl.Expr:
    starts = (pl.col("before") <= 0) & (pl.col("after") > 0)
    ends = (pl.col("before") > 0) & (pl.col("after") <= 0)
    return (
        pl.when(starts & ~pl.col("paid_before"))
        .then(pl.lit("new"))
        .when(starts)
        .then(pl.lit("reactivation"))
        .when(ends)
        .then(pl.lit("churn"))
        .when(pl.col("amount") > 0)
        .then(pl.lit("expansion"))
        .otherwise(pl.lit("contraction"))
    )
