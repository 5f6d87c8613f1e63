"""Who is new, returning, resurrecting or dormant in a period, against the period before it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

import polars as pl

from engage_active_users.config import ActiveUsersConfig
from engage_active_users.counts import first_day


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Persons by what became of them; the dormant are a loss, below zero."""

    new: Annotated[int, "Active now, with their first event ever in the period."] = 0
    returning: Annotated[int, "Active now and in the period before."] = 0
    resurrecting: Annotated[int, "Active now and not in the period before, but known from earlier."] = 0
    dormant: Annotated[int, "Active in the period before and not now: 0 or below."] = 0

    @property
    def change(self) -> int:
        """Active persons now less those of the period before."""
        return self.new + self.resurrecting + self.dormant

    @property
    def active(self) -> int:
        """The persons active now."""
        return self.new + self.returning + self.resurrecting


def periods(day: date, config: ActiveUsersConfig) -> tuple[date, date]:
    """The first days of the period before and of this one."""
    start = first_day(config.lifecycle_period, day, config)
    return first_day(config.lifecycle_period, start - timedelta(days=1), config), start


def lifecycles(
    active: pl.DataFrame, first_seen: pl.DataFrame, before: date, start: date
) -> tuple[Lifecycle, dict[int, Lifecycle]]:
    """The lifecycle of all persons, and by account of those who acted in it.

    Args:
        active: rows of ActiveDays since ``before``.
        first_seen: persons whose first event ever lies in the period.
        before, start: the first days of the former period and of this one.
    """
    rows = active.filter(pl.col("day") >= before).drop_nulls("person")
    new = first_seen.select("person", is_new=pl.lit(True)).drop_nulls().unique()
    whole = _marked(rows, new, start, ["person"]).select(SUMS)
    by_account = _marked(rows.drop_nulls("account"), new, start, ["account", "person"])
    sums = by_account.group_by("account").agg(SUMS)
    return Lifecycle(*whole.row(0)), {id: Lifecycle(*counts) for id, *counts in sums.iter_rows()}


def _marked(rows: pl.DataFrame, new: pl.DataFrame, start: date, keys: list[str]) -> pl.DataFrame:
    """Of each person (and account): whether it was active now and before, and whether it is new."""
    inside = pl.col("day") >= start
    persons = rows.group_by(keys).agg(now=inside.any(), before=(~inside).any())
    return persons.join(new, on="person", how="left").with_columns(pl.col("is_new").fill_null(False))


FRESH: Final = pl.col("now") & ~pl.col("before")
SUMS: Final = (
    (FRESH & pl.col("is_new")).sum().cast(pl.Int64).alias("new"),
    (pl.col("now") & pl.col("before")).sum().cast(pl.Int64).alias("returning"),
    (FRESH & ~pl.col("is_new")).sum().cast(pl.Int64).alias("resurrecting"),
    -(~pl.col("now")).sum().cast(pl.Int64).alias("dormant"),
)
"""The counts of a lifecycle, in the order of its fields."""
