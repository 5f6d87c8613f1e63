"""Distinct persons of trailing windows, day by day: what daily, weekly and monthly actives and their ratios are made of."""

from collections.abc import Mapping, Sequence
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
    return rolling_counts(active, first=first, last=last, trailing={"persons": trailing}, by=by)


def rolling_counts(
    active: pl.DataFrame, *, first: date, last: date, trailing: Mapping[str, int], by: Sequence[str] = ()
) -> pl.DataFrame:
    """As ``rolling_actives`` for several lengths at once: a column for each name in ``trailing``."""
    keys = [*by, "person"]
    rows = active.select(*keys, "day").drop_nulls().sort(*keys, "day")
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in keys)
    rows = rows.with_columns(following=pl.when(same).then(pl.col("day").shift(-1)))
    days = pl.DataFrame({"day": pl.date_range(first, last, eager=True)})
    grid = rows.select(*by).unique().join(days, how="cross") if by else days
    for name, length in trailing.items():
        changes = _changes(rows, first=first, last=last, trailing=length, by=by)
        grid = grid.join(changes.rename({"change": name}), on=[*by, "day"], how="left")
    running = (pl.col(name).fill_null(0).cum_sum() for name in trailing)
    return grid.sort(*by, "day").with_columns(
        (total.over(*by) if by else total).cast(pl.Int64) for total in running
    )


def _changes(
    rows: pl.DataFrame, *, first: date, last: date, trailing: int, by: Sequence[str]
) -> pl.DataFrame:
    """By group and day, how many persons begin to count less those who cease to."""
    # A person counts from each active day on for ``trailing`` days, or until the following active day takes over; of a
    # day that stands twice the first is over at once.
    until = pl.min_horizontal(pl.col("day") + timedelta(days=trailing), "following")
    spans = rows.with_columns(until=until).filter(pl.col("until") > first, pl.col("day") <= last)
    came = spans.group_by(*by, day=pl.max_horizontal("day", pl.lit(first))).agg(
        change=pl.len().cast(pl.Int64)
    )
    left = (
        spans.filter(pl.col("until") <= last).group_by(*by, day="until").agg(change=-pl.len().cast(pl.Int64))
    )
    return pl.concat([came, left]).group_by(*by, "day").agg(pl.col("change").sum())


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
    trailing = {"numerator": short, "denominator": long}
    counts = rolling_counts(active, first=first, last=last, trailing=trailing, by=by)
    return counts.filter(pl.col("denominator") > 0)
