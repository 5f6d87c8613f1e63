"""Distinct persons of trailing windows, day by day: what daily, weekly and monthly actives and their ratios are made of."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl


def rolling_actives(
    active: pl.DataFrame, *, first: date, last: date, trailing: int, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Count, for each day from ``first`` to ``last``, the distinct persons active in the ``trailing`` days to it.

    Args:
        active: rows of ActiveDays (``day``, ``person`` and the columns of ``by``), in any order, doubles too. It has to
            reach back ``trailing`` - 1 days before ``first``.
        first, last: the days counted, both included.
        trailing: 1 gives daily, 7 weekly, 30 monthly actives.
        by: columns to count separately by, such as ``("account",)``; rows with a null in them are left out.

    Returns:
        One row per day and group with a row in ``active``, by group and day: the columns of ``by``, ``day`` and
        ``persons``, 0 included. Without ``by`` all days, whether anybody was active or not.
    """
    keys = [*by, "person"]
    rows = active.select(*keys, "day").drop_nulls().unique().sort(*keys, "day")
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in keys)
    span = timedelta(days=trailing)
    # A person counts from each active day on for ``trailing`` days, or until the next active day takes over.
    until = pl.min_horizontal(pl.col("day") + span, pl.when(same).then(pl.col("day").shift(-1)))
    spans = rows.with_columns(until=until).filter(pl.col("until") > first, pl.col("day") <= last)
    came = spans.select(*by, day=pl.max_horizontal("day", pl.lit(first)), change=pl.lit(1))
    left = spans.filter(pl.col("until") <= last).select(*by, day="until", change=pl.lit(-1))
    days = pl.DataFrame({"day": pl.date_range(first, last, eager=True)})
    groups = rows.select(*by).unique() if by else None
    grid = days if groups is None else groups.join(days, how="cross")
    changes = pl.concat([came, left]).group_by(*by, "day").agg(pl.col("change").sum())
    counts = grid.join(changes, on=[*by, "day"], how="left").sort(*by, "day")
    total = pl.col("change").fill_null(0).cum_sum()
    return counts.select(*by, "day", persons=(total.over(*by) if by else total).cast(pl.Int64))


def rolling_ratios(
    active: pl.DataFrame, *, first: date, last: date, short: int, long: int, by: Sequence[str] = ()
) -> pl.DataFrame:
    """The persons active in the ``short`` and in the ``long`` trailing days to each day, such as DAU and MAU.

    Args:
        active, first, last, by: as for ``rolling_actives``; ``active`` has to reach back ``long`` - 1 days.
        short, long: the lengths of the two windows in days.

    Returns:
        The columns of ``by``, ``day``, ``numerator`` and ``denominator``; days on which the denominator is 0 are left out.
    """
    counts = rolling_actives(active, first=first, last=last, trailing=short, by=by)
    of_long = rolling_actives(active, first=first, last=last, trailing=long, by=by)
    ratios = counts.rename({"persons": "numerator"}).with_columns(denominator=of_long["persons"])
    return ratios.filter(pl.col("denominator") > 0)
