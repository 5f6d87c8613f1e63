"""Since when an account is observed: young ones are compared over their own days."""

from datetime import timedelta

import polars as pl

from engage_server.sdk.compute import Window


def observed_days(accounts: pl.DataFrame, active: pl.DataFrame, *, window: Window, days: int) -> pl.DataFrame:
    """How many of the trailing ``days`` each account was there.

    An account begins with its start, or with its first activity where that is earlier, in the tenant's calendar; one
    whose start is unknown was there all the time.

    Args:
        accounts: rows of Accounts.
        active: rows of ActiveDays; what accounts did that are not listed counts for them, too.
        window: the computed day.
        days: the most that is observed.

    Returns:
        One row per account of either frame, by id: ``account`` and ``observed``, 1 to ``days``.
    """
    started = pl.col("started_at").dt.convert_time_zone(window.timezone).dt.date()
    listed = accounts.select("account", born=started).drop_nulls("account").unique("account", keep="any")
    seen = active.select("account", "day").drop_nulls().group_by("account").agg(first=pl.col("day").min())
    unknown = window.day - timedelta(days=days)
    began = pl.min_horizontal(pl.col("born").fill_null(unknown), "first")
    age = (window.day - began).dt.total_days() + 1
    both = listed.join(seen, on="account", how="full", coalesce=True)
    return both.select("account", observed=age.clip(1, days)).sort("account")
