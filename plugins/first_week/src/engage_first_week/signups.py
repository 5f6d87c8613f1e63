"""How the first week of each sign-up went."""

from datetime import timedelta

import polars as pl

from engage_first_week.config import WEEK, FirstWeekConfig
from engage_server.sdk import Computation
from engage_server.sdk.cohorts import when_all

PARTS = ("days", "value", "last_day", "aha")


def weeks(rows: Computation[FirstWeekConfig]) -> pl.DataFrame:
    """One row per sign-up: its figures, how full each of the PARTS is (0 to 1), and how many days have passed.

    Sign-ups whose week is over are those of the last ``cohort_days`` that it was over for; the younger ones stay.
    """
    config, zone = rows.config, rows.window.timezone
    signed_up_on = pl.col("signed_up_at").dt.convert_time_zone(zone).dt.date()
    aha_on = when_all(len(config.aha)).dt.convert_time_zone(zone).dt.date()
    table = (
        rows["signups"]
        .drop_nulls(["person", "signed_up_at"])
        .select(
            "person", "account", signed_up_on=signed_up_on, aha_after=(aha_on - signed_up_on).dt.total_days()
        )
        .join(_activity(rows["days"]), on="person", how="left")
        .with_columns(
            pl.col("active_days", "value_events", "minutes", "last_day").fill_null(0),
            passed=((rows.day - pl.col("signed_up_on")).dt.total_days() + 1).clip(upper_bound=WEEK),
            reached=pl.col("aha_after").is_between(0, WEEK - 1).fill_null(value=False),
        )
    )
    oldest = rows.day - timedelta(days=WEEK - 1 + config.cohort_days)
    return table.filter(pl.col("signed_up_on") > oldest).with_columns(
        is_over=pl.col("passed") == WEEK,
        dropped=pl.col("last_day") <= config.drop_off_day,
        short=pl.col("minutes") < config.short_minutes,
        full_days=(pl.col("active_days") / config.target_days).clip(upper_bound=1),
        full_value=(pl.col("value_events") / config.target_value_events).clip(upper_bound=1),
        full_last_day=pl.col("last_day") / (WEEK - 1),
        full_aha=pl.col("reached").cast(pl.Float64),
    )


def _activity(days: pl.DataFrame) -> pl.DataFrame:
    """What each person did in the first week."""
    inside = days.filter((pl.col("events") > 0) & pl.col("offset").is_between(0, WEEK - 1))
    return inside.group_by("person").agg(
        active_days=pl.col("offset").n_unique().cast(pl.Int64),
        value_events=pl.col("value_events").sum(),
        minutes=pl.col("active_minutes").sum(),
        last_day=pl.col("offset").max(),
    )


FIGURES = (
    pl.len().alias("signups"),
    pl.col("active_days", "value_events", "last_day", "passed", "reached", "dropped").mean(),
    (pl.col("dropped") & ~pl.col("reached")).mean().alias("dropped_before_aha"),
    (pl.col("dropped") & pl.col("short")).mean().alias("dropped_after_short"),
    *(pl.col(f"full_{part}").mean() for part in PARTS),
)
"""What is said of several sign-ups together."""
