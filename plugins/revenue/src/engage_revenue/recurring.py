"""What the metrics over subscriptions have in common, reckoned once for all of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import polars as pl

from engage_revenue.config import RevenueConfig
from engage_server.sdk import Computation, Subscriptions
from engage_server.sdk.money import Exchange
from engage_server.sdk.recurring import KINDS, balances, changes, months_before, movements, paid_terms

ZERO: Final = Decimal(0)
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True, eq=False)
class Recurring:
    """Terms, changes, movements and balances at the rates of exchange of the computed day."""

    config: RevenueConfig
    day: date
    first: date
    exchange: Exchange
    terms: pl.DataFrame
    changed: pl.DataFrame
    opening: pl.DataFrame
    closing: pl.DataFrame
    moved: pl.DataFrame

    @property
    def mrr(self) -> Decimal:
        """The monthly recurring revenue at the end of the day."""
        return total(self.closing)

    def balances_after(self, day: date) -> pl.DataFrame:
        """What each account pays at the end of a day, at the rates of the computed one."""
        return balances(self.changed, before=date.fromordinal(day.toordinal() + 1))


def recurring(rows: Computation[RevenueConfig]) -> Recurring:
    """Reckon with the rows of ``subscriptions``.

    Raises:
        MissingRateError: an amount's currency has no rate.
    """
    config, day = rows.config, rows.day
    first = Subscriptions(period=config.period).first_day(day)
    exchange = Exchange.of(config, rows["subscriptions"])
    terms = paid_terms(rows["subscriptions"], exchange, day=day, recognition=config.recognition)
    changed = changes(terms, day=day)
    return Recurring(
        config=config,
        day=day,
        first=first,
        exchange=exchange,
        terms=terms,
        changed=changed,
        opening=balances(changed, before=first),
        closing=balances(changed, before=date.max),
        moved=movements(changed, first=first, last=day, grouping=config.grouping),
    )


def opening_as_it_was(rows: Computation[RevenueConfig], state: Recurring) -> pl.DataFrame:
    """What each account paid when the period began, at the rates of the day before it."""
    if not state.exchange.rates:
        return state.opening
    eve = date.fromordinal(state.first.toordinal() - 1)
    terms = paid_terms(rows["subscriptions"], state.exchange, day=eve, recognition=state.config.recognition)
    return balances(changes(terms, day=eve), before=state.first)


def trailing_year(state: Recurring) -> tuple[date, pl.DataFrame, pl.DataFrame]:
    """The first day of the trailing twelve months, the balances when they began, and their movements."""
    before = months_before(state.day, 12)
    first = date.fromordinal(before.toordinal() + 1)
    moved = movements(state.changed, first=first, last=state.day, grouping=state.config.grouping)
    return first, balances(state.changed, before=first), moved


def total(frame: pl.DataFrame) -> Decimal:
    """The sum of the amounts."""
    return Decimal(frame["amount"].sum()) if frame.height else ZERO


def by_kind(moved: pl.DataFrame) -> dict[str, Any]:
    """The sum of the movements of each kind; kinds that do not occur are 0."""
    sums = moved.group_by("kind").agg(pl.col("amount").sum())
    return dict.fromkeys(KINDS, ZERO) | dict(sums.iter_rows())
