"""Tries every action, threshold and window against an outcome, and keeps what many tries do not explain."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from engage_aha.config import AhaConfig
from engage_aha.tables import Table
from engage_server.sdk.associations import benjamini_hochberg

LEAST_EXPECTED = 5.0
"""Cells that chance would make smaller are no matter for a chi-square test (Cochran's rule)."""


@dataclass(frozen=True, slots=True)
class Try:
    """An action that was tried: the event, done so often within so many first days."""

    event: str
    times: int
    within_days: int
    table: Table
    p_adjusted: float = 1.0
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """All tries, what was found coming first and of that the strongest; ``level`` is that of the intervals.

    The level is 1 less the false discovery rate times the share that was found: intervals of what was picked out of many
    cover as often as they say only so (Y. Benjamini, D. Yekutieli, False Discovery Rate-Adjusted Multiple Confidence
    Intervals, JASA 100, 2005).
    """

    tries: tuple[Try, ...]
    level: float

    @property
    def found(self) -> tuple[Try, ...]:
        """What was found, the strongest first."""
        return tuple(one for one in self.tries if one.is_found)

    def best_of_each(self) -> Iterator[Try]:
        """The strongest try of each event, in the order of all."""
        seen: set[str] = set()
        for one in self.tries:
            if one.event not in seen:
                seen.add(one.event)
                yield one


def search(actions: pl.DataFrame, outcomes: pl.DataFrame, config: AhaConfig) -> Search:
    """Try all actions.

    Args:
        actions: ``unit``, ``event``, ``offset`` and ``count``: what each did on which of its first days.
        outcomes: ``unit`` and ``outcome`` (bool) of all who are observed, one row each.
        config: the windows, thresholds and minimums.
    """
    tries = list(_tries(actions, outcomes, config))
    adjusted = benjamini_hochberg([one.table.p for one in tries])
    rate = config.false_discovery_rate
    judged = [
        Try(
            one.event,
            one.times,
            one.within_days,
            one.table,
            p_adjusted,
            is_found=p_adjusted <= rate and one.table.phi > 0,
        )
        for one, p_adjusted in zip(tries, adjusted, strict=True)
    ]
    judged.sort(key=lambda one: (not one.is_found, -one.table.phi, one.event, one.times, one.within_days))
    found = sum(one.is_found for one in judged)
    return Search(tuple(judged), level=1 - rate * max(found, 1) / max(len(judged), 1))


def _tries(actions: pl.DataFrame, outcomes: pl.DataFrame, config: AhaConfig) -> Iterator[Try]:
    n, positive = outcomes.height, int(outcomes["outcome"].sum())
    known = actions.filter(~pl.col("event").is_in(config.ignored_events)).join(outcomes, on="unit")
    for within_days in sorted(set(config.window_days)):
        done = (
            known.filter(pl.col("offset") < within_days)
            .group_by("unit", "event")
            .agg(pl.col("count").sum(), pl.col("outcome").first())
        )
        for times in sorted(set(config.thresholds)):
            reached = (
                done.filter(pl.col("count") >= times)
                .group_by("event")
                .agg(did=pl.len(), did_with=pl.col("outcome").sum())
                .filter(pl.col("did").is_between(config.minimum_cell, n - config.minimum_cell))
                .sort("event")
            )
            for event, did, did_with in reached.iter_rows():
                table = Table(
                    did_with, did - did_with, positive - did_with, n - positive - (did - did_with)
                )  # fmt: skip
                if table.least_expected >= LEAST_EXPECTED:
                    yield Try(event, times, within_days, table)
