"""What the metrics over subscriptions have in common, reckoned once for all of them."""

from datetime import date
from typing import Final

import polars as pl

from engage_revenue.config import RevenueConfig
from engage_server.sdk import Computation, Subscriptions
from engage_server.sdk.recurring import (
    RecurringPeriod,
    balances,
    changes,
    months_before,
    movements,
    paid_terms,
)

MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
YEAR: Final = MONTHS["year"]


def recurring(rows: Computation[RevenueConfig]) -> RecurringPeriod:
    """The configured period up to the day, by the rows of ``subscriptions``.

    Raises:
        MissingRateError: an amount's currency has no rate.
    """
    config = rows.config
    return RecurringPeriod.of(
        rows["subscriptions"],
        config,
        first=Subscriptions(period=config.period).first_day(rows.day),
        last=rows.day,
        recognition=config.recognition,
        grouping=config.grouping,
    )


def opening_as_it_was(rows: Computation[RevenueConfig], period: RecurringPeriod) -> pl.DataFrame:
    """What each account paid when the period began, at the rates of the day before it."""
    if not period.exchange.rates:
        return period.opening
    eve = date.fromordinal(period.first.toordinal() - 1)
    terms = paid_terms(rows["subscriptions"], period.exchange, day=eve, recognition=rows.config.recognition)
    return balances(changes(terms, day=eve), before=period.first)


def trailing_year(period: RecurringPeriod) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The balances when the trailing twelve months began, and the movements since."""
    first = date.fromordinal(months_before(period.last, 12).toordinal() + 1)
    moved = movements(period.changed, first=first, last=period.last, grouping=period.grouping)
    return balances(period.changed, before=first), moved
