"""Frequency, time, active users and licences: each as a percentile among peers, and their weighted mean."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from engage_engagement.config import EngagementConfig, Measure
from engage_engagement.peers import profiles
from engage_server.sdk import Computation, Contribution
from engage_server.sdk.ranks import percentile

LABELS: Final[Mapping[Measure, str]] = {
    "frequency": "Usage frequency, active days in %",
    "time": "Active minutes a day per active person",
    "active_users": "Active persons",
    "licenses": "Licence utilization, %",
}


def measured(rows: Computation[EngagementConfig]) -> pl.DataFrame:
    """One row per account: the four measures, null where unknown, and as ``<measure>_place`` their percentiles."""
    minutes = (
        rows["minutes"].drop_nulls("account").group_by("account").agg(minutes=pl.col("active_minutes").sum())
    )
    seats = (
        rows["seats"]
        .group_by("account")
        .agg(seats=pl.col("seats").sum(), unlimited=pl.col("seats").is_null().any())
    )
    persons, days = pl.col("persons"), pl.col("observed")
    bought = pl.col("seats").fill_null(0) > 0
    table = profiles(rows).join(minutes, on="account", how="left").join(seats, on="account", how="left")
    four = table.with_columns(
        frequency=100 * pl.col("days") / days,
        time=pl.when(persons > 0).then(pl.col("minutes").fill_null(0) / (persons * days)).otherwise(0.0),
        active_users=persons.cast(pl.Float64),
        # More users than seats is no better engagement than as many.
        licenses=pl.when(bought & ~pl.col("unlimited")).then(
            (100 * persons / pl.col("seats")).clip(upper_bound=100.0)
        ),
    )
    places = {
        f"{name}_place": percentile(pl.col(name), among=("peers",), min_peers=rows.config.min_peers)
        for name in LABELS
    }
    return four.with_columns(**places)


def score(
    row: Mapping[str, Any], config: EngagementConfig
) -> tuple[float | None, float, tuple[Contribution, ...]]:
    """The weighted mean of the percentiles that are known, the share of the weights that they have, and the parts."""
    weights = {name: config.measures.get(name, 0.0) for name in LABELS}
    known = {name: weight for name, weight in weights.items() if weight and row[f"{name}_place"] is not None}
    total, coverage = sum(known.values()), sum(known.values()) / sum(weights.values())
    if not total or coverage < config.min_coverage:
        return None, coverage, ()
    points = {name: weight * row[f"{name}_place"] / total for name, weight in known.items()}
    parts = tuple(
        Contribution(
            name,
            label,
            row[name],
            points=points.get(name, 0),
            weight=weights[name],
            note="" if name in known else "not known, or too few peers: its weight goes to the others",
        )
        for name, label in LABELS.items()
        if weights[name]
    )
    return sum(points.values()), coverage, parts
