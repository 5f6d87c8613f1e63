"""Accounts among their peers: what they do a day, over the days that they were there."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from engage_engagement.config import EngagementConfig
from engage_engagement.points import with_points
from engage_server.sdk import Computation
from engage_server.sdk.observation import observed_days
from engage_server.sdk.ranks import percentile

Rows = Computation[EngagementConfig]
SCORES: Final = {"account": pl.Int64, "score": pl.Float64}


def profiles(rows: Rows) -> pl.DataFrame:
    """One row per account of the day: its peer group, the days that it is compared over, active days and persons.

    A young account is compared over its own days: since its start, or its first activity where that is earlier.
    """
    groups = rows["accounts"].select("account", peers=rows.config.peers).drop_nulls("account")
    known = rows["active"].drop_nulls()
    active = known.group_by("account").agg(days=pl.col("day").n_unique(), persons=pl.col("person").n_unique())
    observed = observed_days(rows["accounts"], known, window=rows.window, days=rows.config.peer_days)
    return (
        groups.unique("account", keep="any")
        .join(observed, on="account")
        .join(active, on="account", how="left")
        .with_columns(pl.col("days", "persons").fill_null(0), pl.col("peers").fill_null(""))
        .sort("account")
    )


def score_places(rows: Rows, scores: Mapping[int, float]) -> dict[int, float | None]:
    """The percentile of each account's score among those of its peer group; None where that is too small."""
    table = pl.DataFrame({"account": list(scores), "score": list(scores.values())}, SCORES)
    groups = rows["accounts"].select("account", pl.col(rows.config.peers).fill_null("").alias("peers"))
    known = table.join(groups.drop_nulls("account").unique("account", keep="any"), on="account")
    place = percentile(pl.col("score"), among=("peers",), min_peers=rows.config.min_peers)
    return dict(known.select("account", place).iter_rows())


def compared(rows: Rows) -> pl.DataFrame:
    """The observed accounts with ``actions`` and ``points`` a day, their percentile, and how many peers there are."""
    totals = (
        with_points(rows["actions"], rows.config)
        .drop_nulls("account")
        .group_by("account")
        .agg(actions=pl.col("count").sum(), points=(pl.col("points") * pl.col("counted")).sort().sum())
    )
    rates = (
        profiles(rows)
        .join(totals, on="account", how="left")
        .with_columns(pl.col("actions", "points").fill_null(0) / pl.col("observed"))
    )
    ranked = "actions" if rows.config.peer_measure == "actions" else "points"
    place = percentile(pl.col(ranked), among=("peers",), min_peers=rows.config.min_peers)
    # Totango's rule: who does less than one thing a day is at the bottom, whatever the others do.
    value = pl.when(place.is_not_null()).then(pl.when(pl.col("actions") < 1).then(0.0).otherwise(place))
    return rates.with_columns(percentile=value, size=pl.len().over("peers"))
