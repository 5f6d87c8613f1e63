"""Who of those who entered did the converting event often enough, afterwards and in time."""

from datetime import UTC, timedelta

import polars as pl

from engage_conversion.config import ConversionConfig
from engage_server.sdk import Computation
from engage_server.sdk.cohorts import outcomes

Rows = Computation[ConversionConfig]


def entries(rows: Rows) -> pl.DataFrame:
    """The entries of the cohort: ``account``, ``entered_at``, ``converted_at``, whether ``reached`` in time or ``over``."""
    config = rows.config
    events = rows["events"].drop_nulls(["person", "at"])
    entered = (
        events.filter(pl.col("event") == config.entry_event)
        .select("person", "account", entered_at="at")
        .sort("entered_at", "account", nulls_last=True)
    )
    if config.entry == "first_touch":
        entered = entered.unique("person", keep="first", maintain_order=True)
    return outcomes(
        _converted(entered, events, config),
        entered="entered_at",
        reached="converted_at",
        within=config.within,
        window=rows.window,
        config=config,
    )


def _converted(entered: pl.DataFrame, events: pl.DataFrame, config: ConversionConfig) -> pl.DataFrame:
    """The entries with the time of the conversion that is the n-th after each, if there is one."""
    done = (
        events.filter(pl.col("event") == config.conversion_event)
        .select("person", converted_at="at")
        .sort("converted_at")
        .with_columns(place=pl.int_range(pl.len()).over("person"))
    )
    nexts = entered.sort("entered_at").join_asof(
        done.rename({"converted_at": "next_at"}),
        left_on="entered_at",
        right_on="next_at",
        by="person",
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    wanted = nexts.with_columns(place=pl.col("place") + config.conversion_times - 1)
    return wanted.join(done, on=["person", "place"], how="left", maintain_order="left")


def counted(rows: Rows) -> pl.DataFrame:
    """Entries and conversions of the trailing ``cohort_days``, as events: one row per account with one."""
    config = rows.config
    start = (rows.window.start - timedelta(days=config.cohort_days - 1)).astimezone(UTC)
    inside = rows["events"].filter(pl.col("at") >= start)
    return inside.group_by("account").agg(
        entries=(pl.col("event") == config.entry_event).sum(),
        conversions=(pl.col("event") == config.conversion_event).sum(),
    )
