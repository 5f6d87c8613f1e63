"""The ledger's costs, by what they are for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import polars as pl

from engage_server.sdk import Computation
from engage_server.sdk.money import Exchange
from engage_server.sdk.recurring import RecurringPeriod, total
from engage_unit_economics.config import UnitEconomicsConfig
from engage_unit_economics.details import CategoryCost

PURPOSES: Final = ("acquisition", "retention", "service")


@dataclass(frozen=True, slots=True, eq=False)
class Economy:
    """Recurring revenue and ledger of the window, in one currency."""

    first: date
    last: date
    exchange: Exchange
    recurring: RecurringPeriod
    ledger: pl.DataFrame

    @property
    def payers(self) -> int:
        """Accounts that pay at the end."""
        return self.recurring.closing.filter(pl.col("amount") > 0).height

    def costs(self, first: date, last: date) -> pl.DataFrame:
        """The costs from the first day to the last, with their purpose."""
        return self.ledger.filter((pl.col("kind") == "COST") & pl.col("day").is_between(first, last))


def economy(rows: Computation[UnitEconomicsConfig]) -> Economy:
    """Reckon with the rows of ``subscriptions`` and ``ledger``; each entry is at the rates of its own day.

    Raises:
        MissingRateError: an amount's currency has no rate.
    """
    config = rows.config
    first = rows.day - timedelta(days=config.window_days - 1)
    exchange = Exchange.of(config, rows["subscriptions"], rows["ledger"])
    # One currency for both, also where one of them has none of its own.
    own = config.model_copy(update={"currency": exchange.currency or None})
    return Economy(
        first=first,
        last=rows.day,
        exchange=exchange,
        recurring=RecurringPeriod.of(rows["subscriptions"], own, first=first, last=rows.day),
        ledger=exchange.convert(rows["ledger"], on="day").with_columns(
            pl.col("category").fill_null(""), purpose=_purpose(config)
        ),
    )


def _purpose(config: UnitEconomicsConfig) -> pl.Expr:
    """What a cost is for: winning customers by its category; else keeping them, where it is marked so."""
    return (
        pl.when(in_words("category", config.acquisition_categories))
        .then(pl.lit("acquisition"))
        .when(pl.col("included_in_crc"))
        .then(pl.lit("retention"))
        .otherwise(pl.lit("service"))
    )


def in_words(column: str, words: tuple[str, ...]) -> pl.Expr:
    """Whether the column is one of the words, in any case."""
    return pl.col(column).fill_null("").str.to_lowercase().is_in([word.lower() for word in words])


def by_category(costs: pl.DataFrame) -> Iterator[CategoryCost]:
    """The costs by category, the largest first."""
    sums = costs.group_by("category").agg(pl.col("amount").sum())
    for category, amount in sums.sort("amount", "category", descending=[True, False]).iter_rows():
        yield CategoryCost(category, Decimal(amount))


def spent(costs: pl.DataFrame, purpose: str) -> Decimal:
    """The sum of the costs for a purpose."""
    return total(costs.filter(pl.col("purpose") == purpose))
