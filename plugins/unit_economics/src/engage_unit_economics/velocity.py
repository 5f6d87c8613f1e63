"""How much revenue the opportunities bring a day."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from engage_server.sdk import TENANT, Answer, Computation, Interval, Subject
from engage_server.sdk.intervals import wilson
from engage_server.sdk.money import Exchange
from engage_unit_economics.config import UnitEconomicsConfig
from engage_unit_economics.costs import in_words
from engage_unit_economics.details import SalesVelocity


def sales_velocity(rows: Computation[UnitEconomicsConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Opportunities x deal size x win rate / cycle length, a day."""
    config = rows.config
    stages = rows["opportunities"].filter(pl.col("kind") == "OPPORTUNITY")
    if stages.is_empty():
        return
    exchange = Exchange.of(config, stages)
    first = rows.day - timedelta(days=config.window_days - 1)
    known = opportunities(exchange.convert(stages, on="day"), config)
    worked = known.filter(pl.col("closed_on").is_null() | (pl.col("closed_on") >= first))
    closed = worked.filter(pl.col("closed_on").is_not_null())
    won = closed.filter("is_won")
    details = SalesVelocity(
        currency=exchange.currency,
        opportunities=worked.height,
        won=won.height,
        lost=closed.height - won.height,
        win_rate=won.height / closed.height if closed.height else None,
        deal_size=Decimal(won["amount"].sum()) / won.height if won.height else None,
        cycle_days=sum(_cycles(won)) / won.height if won.height else None,
        note="" if won.height else "No deal was won in the window, so its size and its cycle are unknown.",
    )
    value = _velocity(details, details.win_rate)
    interval = None
    rate = wilson(won.height, closed.height, level=config.confidence, scale=1.0)
    if value is not None and rate is not None:
        low, high = (_velocity(details, float(bound)) or 0.0 for bound in (rate.low, rate.high))
        interval = Interval(low, high, config.confidence, "Wilson, of the win rate alone")
    yield TENANT, Answer(value, n=closed.height, details=details, interval=interval)


def opportunities(stages: pl.DataFrame, config: UnitEconomicsConfig) -> pl.DataFrame:
    """One row for each: entry, amount, opened_on, closed_on (null while open) and is_won, by its latest stage.

    Of two stages of one day the one that closes is later.
    """
    is_won, is_lost = in_words("stage", config.won_stages), in_words("stage", config.lost_stages)
    ordered = stages.with_columns(is_won=is_won, is_closed=is_won | is_lost).sort(
        "entry", "day", "is_closed", "is_won", "stage", "amount"
    )
    return ordered.group_by("entry", maintain_order=True).agg(
        pl.col("amount").last(),
        pl.col("is_won").last(),
        opened_on=pl.col("day").min(),
        closed_on=pl.when(pl.col("is_closed").last()).then(pl.col("day").last()),
    )


def _cycles(won: pl.DataFrame) -> Iterator[int]:
    pairs: Iterator[tuple[date, date]] = won.select("opened_on", "closed_on").iter_rows()
    for opened_on, closed_on in pairs:
        yield max(1, (closed_on - opened_on).days)


def _velocity(details: SalesVelocity, win_rate: float | None) -> float | None:
    if details.deal_size is None or details.cycle_days is None or win_rate is None:
        return None
    return details.opportunities * float(details.deal_size) * win_rate / details.cycle_days
