"""Predictive value: revenue a month x margin x lifetime, the lifetime by churn and at most the horizon."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import polars as pl

from engage_customer_value.config import CustomerValueConfig
from engage_customer_value.details import PredictedValue
from engage_server.sdk import TENANT, Answer, Computation, Interval, Subject, account
from engage_server.sdk.intervals import wilson
from engage_server.sdk.recurring import RecurringPeriod, compare, months_before


@dataclass(frozen=True, slots=True)
class Churn:
    """Customers at the start of months, added up, and how many of them were lost within their month."""

    customer_months: int
    lost: int

    @property
    def rate(self) -> float | None:
        """The share that is lost in a month; None without a month of history."""
        return self.lost / self.customer_months if self.customer_months else None


def predictive(rows: Computation[CustomerValueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The mean over the paying customers, then the value of each."""
    config = rows.config
    period = RecurringPeriod.of(
        rows["subscriptions"], config, first=rows.day, last=rows.day, recognition=config.recognition
    )
    paying = period.closing.filter(pl.col("amount") > 0)
    if paying.is_empty():
        return
    churn = pooled_churn(period, config.churn_months)
    months = lifetime(churn.rate, config.horizon_months)

    def answer(monthly: Decimal, n: int) -> Answer:
        details = PredictedValue(
            currency=period.exchange.currency,
            monthly=monthly,
            gross_margin=config.gross_margin,
            monthly_churn=churn.rate,
            lifetime_months=months,
            is_capped=months >= config.horizon_months,
            customer_months=churn.customer_months,
            lost=churn.lost,
        )
        worth = float(monthly) * config.gross_margin
        return Answer(worth * months, n=n, details=details, interval=_interval(worth, churn, config))

    yield TENANT, answer(Decimal(paying["amount"].sum()) / paying.height, paying.height)
    for id, amount in paying.select("account", "amount").iter_rows():
        yield account(id), answer(amount, 1)


def lifetime(churn: float | None, horizon: float) -> float:
    """1 / churn in months, at most the horizon; the horizon where nobody leaves or nothing is known."""
    return min(1 / churn, float(horizon)) if churn else float(horizon)


def pooled_churn(period: RecurringPeriod, months: int) -> Churn:
    """The churn of the trailing months, each counted back from the period's last day."""
    ends = [months_before(period.last, back) for back in range(months, -1, -1)]
    states = [period.balances_after(day) for day in ends]
    customer_months = lost = 0
    for opening, closing in pairwise(states):
        start = compare(opening, closing).filter(pl.col("start") > 0)
        customer_months += start.height
        lost += start.filter(pl.col("end") <= 0).height
    return Churn(customer_months, lost)


def _interval(worth: float, churn: Churn, config: CustomerValueConfig) -> Interval | None:
    """By Wilson's bounds of the churn: the more is lost, the shorter the lifetime. Revenue and margin are as they are."""
    bounds = wilson(churn.lost, churn.customer_months, level=config.confidence, scale=1.0)
    if bounds is None:
        return None
    low, high = (worth * lifetime(float(one), config.horizon_months) for one in (bounds.high, bounds.low))
    return Interval(low, high, config.confidence, "Wilson, of the churn alone")
