"""What each customer brought and cost so far."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import polars as pl

from engage_customer_value.config import CustomerValueConfig
from engage_server.sdk import Computation
from engage_server.sdk.money import AMOUNT, Exchange
from engage_server.sdk.recurring import accrued, paid_terms

YEAR: Final = 365.25


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One row per account that ever brought revenue, by id.

    ``customers`` has account, revenue, acquisition, service (all AMOUNT), years, and value: revenue a year x years less both
    costs, which is revenue less costs. ``left_out`` is what no customer's value has: revenue less costs of nobody, and of
    accounts that never brought revenue.
    """

    currency: str
    customers: pl.DataFrame
    left_out: Decimal


def values(rows: Computation[CustomerValueConfig]) -> Values:
    """Reckon with the rows of ``subscriptions`` and ``ledger``.

    Raises:
        MissingRateError: an amount's currency has no rate.
    """
    config, day = rows.config, rows.day
    exchange = Exchange.of(config, rows["subscriptions"], rows["ledger"])
    terms = paid_terms(rows["subscriptions"], exchange, day=day, recognition=config.recognition)
    ledger = exchange.convert(rows["ledger"], on="day")
    one_off = ledger.filter(pl.col("kind") == "REVENUE")
    costs = ledger.filter(pl.col("kind") == "COST").select("account", "amount", purpose=_purpose(config))
    known = _revenue(terms, one_off, rows)
    customers = known.join(_costs(costs), on="account", how="left").with_columns(
        pl.col("acquisition", "service").fill_null(pl.lit(0, dtype=AMOUNT))
    )
    of_nobody = costs.join(customers.select("account"), on="account", how="anti")
    left_out = _sum(one_off.filter(pl.col("account").is_null())) - _sum(of_nobody)
    if config.common_costs == "equally" and customers.height:
        common = of_nobody.filter(pl.col("account").is_null())
        for purpose in ("acquisition", "service"):
            amount = _sum(common.filter(pl.col("purpose") == purpose))
            share = pl.lit(amount, dtype=AMOUNT) / pl.lit(customers.height)
            customers = customers.with_columns(pl.col(purpose) + share)
        left_out += _sum(common)
    customers = customers.with_columns(
        value=(pl.col("revenue") - pl.col("acquisition") - pl.col("service")).cast(pl.Float64)
    )
    return Values(exchange.currency, customers.sort("account"), left_out)


def _purpose(config: CustomerValueConfig) -> pl.Expr:
    words = [word.lower() for word in config.acquisition_categories]
    is_acquisition = pl.col("category").fill_null("").str.to_lowercase().is_in(words)
    return pl.when(is_acquisition).then(pl.lit("acquisition")).otherwise(pl.lit("service"))


def _revenue(
    terms: pl.DataFrame, one_off: pl.DataFrame, rows: Computation[CustomerValueConfig]
) -> pl.DataFrame:
    """Account, revenue and years from the first to the last day with revenue; at least one day."""
    day = rows.day
    paid = terms.filter((pl.col("amount") > 0) & (pl.col("begin") <= day))
    after = pl.lit(day).dt.offset_by("1d")
    spans = [
        paid.select("account", first="begin", end=pl.min_horizontal(pl.col("until").fill_null(after), after)),
        one_off.select("account", first="day", end=pl.col("day").dt.offset_by("1d")),
    ]
    earned = [
        accrued(paid, first=paid["begin"].min() or day, last=day),  # type: ignore[arg-type]  # days, and no other literal
        one_off.select("account", "amount"),
    ]
    lived = (
        pl.concat(spans)
        .drop_nulls("account")
        .group_by("account")
        .agg(years=(pl.col("end").max() - pl.col("first").min()).dt.total_days() / YEAR)
    )
    revenue = pl.concat(earned).drop_nulls("account").group_by("account").agg(revenue=pl.col("amount").sum())
    return revenue.join(lived, on="account").filter(pl.col("years") > 0)


def _costs(costs: pl.DataFrame) -> pl.DataFrame:
    sums = [
        pl.col("amount").filter(pl.col("purpose") == name).sum().alias(name)
        for name in ("acquisition", "service")
    ]
    return costs.drop_nulls("account").group_by("account").agg(sums)


def _sum(frame: pl.DataFrame) -> Decimal:
    return Decimal(frame["amount"].sum())
