"""What the most loyal have in common: the actions of their first days that nearly all of them did, and others less."""

from dataclasses import dataclass
from math import ceil

import polars as pl

from engage_aha.config import AhaConfig
from engage_aha.observed import Observed
from engage_aha.tables import Table
from engage_server.sdk.associations import benjamini_hochberg


@dataclass(frozen=True, slots=True)
class Habit:
    """An action of the first days; ``table`` has those who did it against being one of the most loyal."""

    event: str
    table: Table
    p_adjusted: float
    is_common: bool


@dataclass(frozen=True, slots=True)
class Loyal:
    """The most loyal: those with at least ``back_days`` days, and their habits, common ones first."""

    size: int
    back_days: int
    habits: tuple[Habit, ...]


def loyal(observed: Observed, config: AhaConfig) -> Loyal | None:
    """The habits of the most loyal; None where they, or the others, are too few to tell."""
    days = observed.outcomes["back_days"].sort(descending=True)
    if days.is_empty():
        return None
    # Who has as many days as the last of them is one of them.
    least = max(1, int(days[ceil(config.loyal_share * len(days)) - 1]))
    members = observed.outcomes.select("unit", outcome=pl.col("back_days") >= least)
    n, size = members.height, int(members["outcome"].sum())
    if min(size, n - size) < config.minimum_cell:
        return None
    done = (
        observed.actions.filter(
            (pl.col("offset") < config.length) & ~pl.col("event").is_in(config.ignored_events)
        )
        .select("unit", "event")
        .unique()
        .join(members, on="unit")
        .group_by("event")
        .agg(did=pl.len(), did_with=pl.col("outcome").sum())
        .sort("event")
    )
    tables = [
        (event, Table(did_with, did - did_with, size - did_with, n - size - (did - did_with)))
        for event, did, did_with in done.iter_rows()
    ]
    adjusted = benjamini_hochberg([table.p for _, table in tables])
    habits = [
        Habit(event, table, p, is_common=_is_common(table, p, config))
        for (event, table), p in zip(tables, adjusted, strict=True)
    ]
    habits.sort(key=lambda one: (not one.is_common, -one.table.recall, one.event))
    return Loyal(size, least, tuple(habits))


def _is_common(table: Table, p: float, config: AhaConfig) -> bool:
    return table.recall >= config.common_share and p <= config.false_discovery_rate and table.phi > 0
