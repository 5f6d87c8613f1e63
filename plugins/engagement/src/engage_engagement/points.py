"""Points of events: the sum of weight x events, with its parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum

import polars as pl

from engage_engagement.config import EngagementConfig
from engage_server.sdk import Contribution


@dataclass(frozen=True, slots=True)
class EventPoints:
    """An event's part of a score."""

    event: str
    count: int
    counted: float
    weight: float

    @property
    def points(self) -> float:
        """Weight x what is left of the events after caps and ageing."""
        return self.weight * self.counted


def with_points(events: pl.DataFrame, config: EngagementConfig) -> pl.DataFrame:
    """Rows of WeightedEvents with the weight that counts: the configuration's, else the dictionary's.

    A weight of the dictionary is signed; an event of polarity -1 counts below zero, whatever the sign of that weight. One
    of the configuration is taken as it is written: whoever names it there has decided on its sign.
    """
    bad = pl.col("polarity") == -1
    signed = pl.when(bad).then(-pl.col("weight").abs()).otherwise("weight").fill_null(1.0)
    if not config.weights:
        return events.with_columns(points=signed)
    own = pl.col("event").replace_strict(config.weights, default=None, return_dtype=pl.Float64)
    return events.with_columns(points=pl.coalesce(own, signed))


def by_account(
    events: pl.DataFrame, config: EngagementConfig
) -> Iterator[tuple[int | None, list[EventPoints]]]:
    """The events' points of each account, and of what no account is known of under None."""
    added = (
        with_points(events, config)
        .drop_nulls("event")
        .group_by("account", "event")
        .agg(pl.col("count").sum(), pl.col("counted").sort().sum(), pl.col("points").max())
        .sort("account", "event")
    )
    table = added.group_by("account", maintain_order=True).agg("event", "count", "counted", "points")
    for account, *columns in table.iter_rows():
        yield account, [EventPoints(*values) for values in zip(*columns, strict=True)]


def together(groups: Sequence[Sequence[EventPoints]]) -> list[EventPoints]:
    """The points of all groups, event by event."""
    events: dict[str, list[EventPoints]] = {}
    for group in groups:
        for one in group:
            events.setdefault(one.event, []).append(one)
    return [
        EventPoints(name, sum(e.count for e in all_), fsum(e.counted for e in all_), all_[0].weight)
        for name, all_ in sorted(events.items())
    ]


def parts(events: Sequence[EventPoints], named: int) -> tuple[Contribution, ...]:
    """The weightiest events by name, and the others as one; their points add up to the score."""
    ordered = sorted(events, key=lambda one: (-abs(one.points), one.event))
    rest = ordered[named:]
    found = [
        Contribution(f"event.{one.event}", one.event, one.counted, one.points, one.weight, one.count)
        for one in ordered[:named]
    ]
    if rest:
        points = fsum(one.points for one in rest)
        counted, count = fsum(one.counted for one in rest), sum(one.count for one in rest)
        found.append(Contribution("others", f"{len(rest)} other events", counted, points, None, count))
    return tuple(found)
