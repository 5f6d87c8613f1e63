"""Monthly recurring revenue from the terms of subscriptions: what each account pays, and how that moves.

All is exact: a price becomes a monthly amount of ten decimals once, and the rest is addition. So the movements of any
period add up to the change of the revenue, to the last digit.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, Self

import polars as pl

from engage_server.sdk.money import AMOUNT, Exchange, MoneyConfig

Recognition = Literal["period_end", "cancellation"]
Grouping = Literal["day", "period"]

KINDS: Final = ("new", "expansion", "reactivation", "contraction", "churn")
NOTICES: Final = ("non_renewing", "canceled", "ended", "expired", "incomplete_expired", "transferred")
"""Statuses under which a subscription still runs until its end, though notice was given of it."""
ZERO: Final = Decimal(0)


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


def accrued(terms: pl.DataFrame, *, first: date, last: date) -> pl.DataFrame:
    """What paid terms brought from ``first`` to ``last``: rows account and amount.

    A day is 12 / 365.25 of a month, so that a year's price is spread over its days and no month is longer than another.
    """
    end = date.fromordinal(last.toordinal() + 1)
    begin = pl.max_horizontal("begin", pl.lit(first))
    until = pl.min_horizontal(pl.col("until").fill_null(pl.lit(end)), pl.lit(end))
    days = (until - begin).dt.total_days().cast(AMOUNT)
    # 48 / 1461 is 12 / 365.25; multiplied first, so that the quotient is rounded once.
    amount = pl.col("amount") * days * pl.lit(48, dtype=AMOUNT) / pl.lit(1461, dtype=AMOUNT)
    return terms.filter((pl.col("begin") < end) & (until > begin)).select("account", amount=amount)


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


def total(frame: pl.DataFrame) -> Decimal:
    """The sum of the amounts."""
    return Decimal(frame["amount"].sum()) if frame.height else ZERO


def by_kind(moved: pl.DataFrame) -> dict[str, Any]:
    """The sum of the movements of each of KINDS, losses negative; 0 of those that do not occur."""
    sums = moved.group_by("kind").agg(pl.col("amount").sum())
    return dict.fromkeys(KINDS, ZERO) | dict(sums.iter_rows())


def compare(opening: pl.DataFrame, closing: pl.DataFrame) -> pl.DataFrame:
    """Of two balances one frame: per account what it paid at the ``start`` and pays at the ``end``, 0 for nothing."""
    return (
        opening.rename({"amount": "start"})
        .join(closing.rename({"amount": "end"}), on="account", how="full", coalesce=True)
        .with_columns(pl.col("start", "end").fill_null(pl.lit(0, dtype=AMOUNT)))
        .sort("account")
    )


@dataclass(frozen=True, slots=True, eq=False)
class RecurringPeriod:
    """The recurring revenue from ``first`` to ``last``, all of it at the rates of exchange of the last day.

    ``changed`` are the changes up to the last day, ``opening`` and ``closing`` the balances when the first day begins and
    when the last one ends, ``moved`` the movements in between.
    """

    first: date
    last: date
    grouping: Grouping
    exchange: Exchange
    terms: pl.DataFrame
    changed: pl.DataFrame
    opening: pl.DataFrame
    closing: pl.DataFrame
    moved: pl.DataFrame

    @classmethod
    def of(
        cls,
        subscriptions: pl.DataFrame,
        config: MoneyConfig,
        *,
        first: date,
        last: date,
        recognition: Recognition = "period_end",
        grouping: Grouping = "day",
    ) -> Self:
        """Reckon with the rows of Subscriptions with ``ever``.

        Raises:
            MissingRateError: an amount's currency has no rate.
        """
        exchange = Exchange.of(config, subscriptions)
        terms = paid_terms(subscriptions, exchange, day=last, recognition=recognition)
        changed = changes(terms, day=last)
        return cls(
            first=first,
            last=last,
            grouping=grouping,
            exchange=exchange,
            terms=terms,
            changed=changed,
            opening=balances(changed, before=first),
            closing=balances(changed, before=date.max),
            moved=movements(changed, first=first, last=last, grouping=grouping),
        )

    @property
    def mrr(self) -> Decimal:
        """The monthly recurring revenue at the end of the last day."""
        return total(self.closing)

    def balances_after(self, day: date) -> pl.DataFrame:
        """What each account paid when the day ended."""
        return balances(self.changed, before=date.fromordinal(day.toordinal() + 1))
