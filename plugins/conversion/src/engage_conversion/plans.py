"""Which accounts came from a free plan to a paid one in time, by the history of their plans."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final

import polars as pl

from engage_conversion.config import ConversionConfig
from engage_server.sdk import Computation
from engage_server.sdk.cohorts import Cohort

LONG_AGO: Final = date(1, 1, 1)
"""Stands for the begin of what is known of an account."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of the accounts that began on a free plan."""

    cohort: Cohort
    undated: int
    median_days: float | None


def free_to_paid(rows: Computation[ConversionConfig]) -> Converted:
    """Follow the accounts whose first free plan began in the cohort's days; those of unknown begin are counted apart."""
    config, end = rows.config, rows.day + timedelta(days=1)
    within = timedelta(days=config.paid_within_days)
    newcomers = _newcomers(rows)
    last = end - within if config.cohort == "matured" else rows.day
    table = newcomers.filter(
        (pl.col("entered") <= last) & (pl.col("entered") > last - timedelta(days=config.plan_cohort_days))
    ).with_columns(
        reached=(pl.col("paid_from") < pl.col("entered") + within).fill_null(value=False),
        over=pl.col("entered") + within <= end,
    )
    is_open = ~pl.col("reached") & ~pl.col("over")
    counts = table.select(pl.len(), pl.col("reached").sum(), is_open.sum().alias("open")).row(0)
    days = (
        table.filter("reached")
        .select((pl.col("paid_from") - pl.col("entered")).dt.total_days())
        .to_series()
        .to_list()
    )
    return Converted(Cohort(*counts), newcomers["entered"].null_count(), median(days) if days else None)


def _newcomers(rows: Computation[ConversionConfig]) -> pl.DataFrame:
    """Accounts that were on a free plan before any paid one: ``entered`` (null: unknown) and ``paid_from``."""
    config = rows.config
    plans = rows["plans"].filter((pl.col("attribute") == "plan") & (pl.col("value") != ""))
    is_free = pl.col("value").is_in(list(config.free_plans))
    is_paid = pl.col("value").is_in(list(config.paid_plans)) if config.paid_plans else ~is_free
    begin = pl.coalesce("first", pl.lit(LONG_AGO))
    by_account = plans.group_by("account").agg(
        free_from=begin.filter(is_free).min(), paid_from=begin.filter(is_paid).min()
    )
    started = rows["accounts"].select(
        "account", started_on=pl.col("started_at").dt.convert_time_zone(rows.window.timezone).dt.date()
    )
    entered = pl.when(pl.col("free_from") == LONG_AGO).then("started_on").otherwise("free_from")
    return (
        by_account.drop_nulls("free_from")
        .filter(pl.col("paid_from").is_null() | (pl.col("paid_from") > pl.col("free_from")))
        .join(started, on="account", how="left")
        .select("account", "paid_from", entered=entered)
    )
