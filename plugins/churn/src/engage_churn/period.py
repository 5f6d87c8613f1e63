"""The period that churn looks at, reckoned once for all metrics."""

from typing import Final

import polars as pl

from engage_churn.config import ChurnConfig
from engage_server.sdk import Computation, Subscriptions
from engage_server.sdk.recurring import RecurringPeriod

PERIODS_A_YEAR: Final = {"month": 12, "quarter": 4, "year": 1}


def period_of(rows: Computation[ChurnConfig]) -> RecurringPeriod:
    """The configured period up to the day.

    Raises:
        MissingRateError: an amount's currency has no rate.
    """
    return RecurringPeriod.of(
        rows["subscriptions"],
        rows.config,
        first=Subscriptions(period=rows.config.period).first_day(rows.day),
        last=rows.day,
        recognition=rows.config.recognition,
        grouping=rows.config.grouping,
    )


def yearly(rate: float, config: ChurnConfig) -> float | None:
    """The rate of a period over a year, compounded; None where more than everything is lost in one."""
    return None if rate > 1 else 1 - (1 - rate) ** PERIODS_A_YEAR[config.period]


def ended(period: RecurringPeriod, rows: Computation[ChurnConfig]) -> pl.DataFrame:
    """The paid terms that ended within the period: account, subscription, amount, day and reason.

    The reason is the last one that was given for the subscription.
    """
    reasons = (
        rows["subscriptions"]
        .filter(pl.col("cancel_reason").fill_null("") != "")
        .sort("subscription", "valid_from", "cancel_reason")
        .unique("subscription", keep="last")
        .select("subscription", reason="cancel_reason")
    )
    return (
        period.terms.filter(pl.col("until").is_between(period.first, period.last))
        .select("account", "subscription", "amount", day="until")
        .join(reasons, on="subscription", how="left")
        .with_columns(pl.col("reason").fill_null(""))
    )


def last_reasons(period: RecurringPeriod, rows: Computation[ChurnConfig]) -> pl.DataFrame:
    """Per account and day on which paid terms ended the reason: of the larger amount, then by the alphabet."""
    return (
        ended(period, rows)
        .sort("account", "day", "amount", "reason", descending=[False, False, True, False])
        .unique(["account", "day"], keep="first")
        .select("account", "day", "reason")
        .sort("account", "day")
    )
