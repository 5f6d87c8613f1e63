"""Which sessions are bounces, by the definition that is chosen."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from engage_time_spent.config import Bounce, TimeSpentConfig

SEVERAL: Final = 2
"""Pages that engage a session by themselves."""


def with_counts(sessions: pl.DataFrame, events: pl.DataFrame, config: TimeSpentConfig) -> pl.DataFrame:
    """The sessions with how many of their events view ``pages``, were ``captured`` or are ``key`` ones.

    A person's event is of the last session that began before it or with it, since sessions hold all that was done.

    Args:
        sessions: rows of Sessions.
        events: rows of Events, of the names that the configuration has.
        config: which names those are.
    """
    numbered = sessions.sort("started_at").with_row_index("session")
    starts = numbered.select("person", "session", "started_at").drop_nulls()
    kinds = {"pages": config.page_events, "captured": config.capture_events, "key": config.key_events}
    placed = (
        events.select("person", "event", "at")
        .drop_nulls()
        .sort("at")
        .join_asof(starts, left_on="at", right_on="started_at", by="person", check_sortedness=False)
    )
    counts = (
        placed.drop_nulls("session")
        .group_by("session")
        .agg(pl.col("event").is_in(names).sum().cast(pl.Int64).alias(kind) for kind, names in kinds.items())
    )
    return numbered.join(counts, on="session", how="left").with_columns(pl.col(*kinds).fill_null(0))


def is_bounce(config: TimeSpentConfig) -> pl.Expr:
    """Whether a session with its counts is a bounce; null where it is in neither part."""
    # PostHog's bounce is below the limit; GA4 engages a session above it.
    below, within = pl.col("seconds") < config.bounce_seconds, pl.col("seconds") <= config.bounce_seconds
    seen = pl.col("pages") > 0
    rules: Mapping[Bounce, pl.Expr] = {
        "single_page": pl.when(seen).then(pl.col("pages") == 1),
        "posthog": pl.when(seen).then((pl.col("pages") <= 1) & (pl.col("captured") == 0) & below),
        "ga4": (pl.col("pages") < SEVERAL) & (pl.col("key") == 0) & within,
    }
    return rules[config.bounce]
