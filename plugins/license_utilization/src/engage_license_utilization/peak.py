"""How many sessions ran at once at most."""

from typing import Final

import polars as pl

TENANT_KEY: Final = 0
"""Under which the figures of the tenant stand; no account has this id."""


def peaks(sessions: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The most sessions at one moment, by account with those below it, and of the tenant (account 0).

    A session lasts from its first event to its last, both included, so that one of a single event counts at its moment.

    Args:
        sessions: columns ``account``, ``started_at`` and ``seconds``.
        lines: each account with every account above it, itself among them.
    """
    ended = pl.col("started_at") + pl.duration(microseconds=(pl.col("seconds") * 1_000_000).round())
    whole = sessions.with_columns(above=pl.lit(TENANT_KEY, pl.Int64))
    held = pl.concat([whole, sessions.join(lines.select("account", "above"), on="account")], how="diagonal")
    begins = held.select("above", at=pl.col("started_at"), step=pl.lit(1, pl.Int64))
    ends = held.select("above", at=ended, step=pl.lit(-1, pl.Int64))
    # At one moment those that begin are counted before those that end.
    steps = pl.concat([begins, ends]).sort("above", "at", "step", descending=[False, False, True])
    running = steps.with_columns(running=pl.col("step").cum_sum().over("above"))
    return running.group_by(account=pl.col("above")).agg(peak=pl.col("running").max())
