"""The further figures of the metrics. Amounts are in ``currency``; losses are negative, so that a bridge adds up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated


class MovementKind(StrEnum):
    """What a change of an account's monthly amount is."""

    NEW = "NEW"
    EXPANSION = "EXPANSION"
    REACTIVATION = "REACTIVATION"
    CONTRACTION = "CONTRACTION"
    CHURN = "CHURN"


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of an account."""

    day: Annotated[date, "First day of the changed amount."]
    kind: Annotated[MovementKind, "What it is."]
    amount: Annotated[Decimal, "By how much the monthly amount changed."]


@dataclass(frozen=True, slots=True)
class Channel:
    """The bridge of what was sold through one channel."""

    channel: Annotated[str, "Where it was sold; empty where unknown."]
    opening: Annotated[Decimal, "When the period began, at the rates of exchange of the day."]
    new: Annotated[Decimal, "Of accounts that pay for the first time."]
    expansion: Annotated[Decimal, "Of accounts that pay more."]
    reactivation: Annotated[Decimal, "Of accounts that pay again."]
    contraction: Annotated[Decimal, "Of accounts that pay less; mostly negative."]
    churn: Annotated[Decimal, "Of accounts that pay nothing any more; mostly negative."]
    transfer: Annotated[Decimal, "Of accounts that moved between channels and pay what they paid."]
    closing: Annotated[Decimal, "At the end of the day; the sum of the others."]


@dataclass(frozen=True, slots=True)
class RecurringRevenue:
    """The bridge from the start of the period to the end of the day."""

    currency: Annotated[str, "Of all amounts."]
    opening: Annotated[Decimal, "When the period began, at the rates of exchange of that time."]
    exchange: Annotated[Decimal, "What moved rates of exchange made of it; no movement."]
    new: Annotated[Decimal, "Of accounts that pay for the first time."]
    expansion: Annotated[Decimal, "More of accounts that paid already."]
    reactivation: Annotated[Decimal, "Of accounts that had stopped to pay and pay again."]
    contraction: Annotated[Decimal, "Less of accounts that still pay; negative."]
    churn: Annotated[Decimal, "Of accounts that pay nothing any more; negative."]
    closing: Annotated[Decimal, "At the end of the day; the sum of the others."]
    subscriptions: Annotated[int, "Paid subscriptions at the end of the day."]
    subscribers: Annotated[int, "Accounts that pay at the end of the day."]
    net_new: Annotated[float, "All movements of the period together: closing less opening and exchange."]
    channels: Annotated[tuple[Channel, ...], "The bridge by channel; of accounts empty."] = ()
    movements: Annotated[tuple[Movement, ...], "Of an account: its movements in the period."] = ()


@dataclass(frozen=True, slots=True)
class YearOnYear:
    """The yearly revenue beside that of the same day a year before."""

    currency: Annotated[str, "Of all amounts."]
    arr: Annotated[Decimal, "Twelve times the monthly recurring revenue."]
    year_before: Annotated[
        Decimal | None, "A year before, at the rates of the day; null before the first revenue."
    ]
    growth: Annotated[float | None, "Change against it, as a share of it."]


@dataclass(frozen=True, slots=True)
class RetentionVariant:
    """One published way to reckon retained revenue."""

    variant: Annotated[str, "cohort, movements or movements_with_reactivation."]
    months: Annotated[int, "Length of the period in months: the configured one, or the trailing twelve."]
    gross: Annotated[
        float | None, "Share that was kept without what grew; null where nothing was there at the start."
    ]
    net: Annotated[float | None, "Share that was kept with what grew."]


@dataclass(frozen=True, slots=True)
class RevenueRetention:
    """From the revenue of the accounts that paid at the start to what they pay at the end."""

    currency: Annotated[str, "Of all amounts."]
    start: Annotated[Decimal, "What the accounts paid at the start of the period."]
    expanded: Annotated[Decimal, "More of those that pay more at the end."]
    contracted: Annotated[Decimal, "Less of those that pay less and still pay; negative."]
    lost: Annotated[Decimal, "Of those that pay nothing at the end; negative."]
    end: Annotated[Decimal, "What the same accounts pay at the end; the sum of the others."]
    new_logos: Annotated[Decimal, "What accounts pay that paid nothing at the start; in no part."]
    variants: Annotated[tuple[RetentionVariant, ...], "Published ways to reckon it, side by side."]
    yearly_gross: Annotated[
        float | None, "Gross retention of the cohort of twelve months before, in per cent; null without one."
    ]
    yearly_net: Annotated[float | None, "Net retention of the same cohort, in per cent."]


@dataclass(frozen=True, slots=True)
class QuickRatio:
    """What grew against what was lost."""

    currency: Annotated[str, "Of all amounts."]
    gained: Annotated[Decimal, "New and expansion."]
    lost: Annotated[Decimal, "Contraction and churn, as a positive amount."]
    with_reactivation: Annotated[float | None, "The ratio with reactivation among the gains."]
    note: Annotated[str, "Why there is no ratio; else empty."] = ""


@dataclass(frozen=True, slots=True)
class AverageRevenue:
    """What was divided by what."""

    currency: Annotated[str, "Of all amounts."]
    revenue: Annotated[Decimal, "What is divided."]
    divisor: Annotated[float, "What it is divided by."]
    divided_by: Annotated[str, "What the divisor counts, and when."]


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Subscribers times their average, from another source than the revenue that it is held against."""

    subscribers: Annotated[int, "Accounts that pay, by the subscriptions of the day."]
    average: Annotated[Decimal | None, "What they pay on the average, in cents."]
    product: Annotated[Decimal, "Subscribers times the average."]
    difference: Annotated[Decimal, "Product less the monthly recurring revenue."]
    agrees: Annotated[bool, "Whether they differ by no more than half a cent a subscriber."]


@dataclass(frozen=True, slots=True)
class AverageOfPaying:
    """What was divided by what, and whether subscribers times the average is the revenue."""

    currency: Annotated[str, "Of all amounts."]
    revenue: Annotated[Decimal, "What is divided."]
    divisor: Annotated[float, "What it is divided by."]
    divided_by: Annotated[str, "What the divisor counts, and when."]
    cross_check: Annotated[CrossCheck, "Subscribers times average against the revenue."]


@dataclass(frozen=True, slots=True)
class OneOff:
    """Revenue beside subscriptions in the period up to the day."""

    currency: Annotated[str, "Of all amounts."]
    entries: Annotated[int, "Entries of the ledger."]
    customers: Annotated[int, "Accounts with an entry."]
    without_account: Annotated[Decimal, "Revenue of no account."]
    refunds: Annotated[Decimal, "The negative entries, which are in the value."]


@dataclass(frozen=True, slots=True)
class ForecastMonth:
    """The revenue so many months ahead."""

    months: Annotated[int, "Months ahead."]
    on: Annotated[date, "Day that it is a forecast of."]
    amount: Annotated[Decimal, "The forecast."]
    low: Annotated[Decimal | None, "Lower bound by the errors of the past; null where these are too few."]
    high: Annotated[Decimal | None, "Upper bound."]


@dataclass(frozen=True, slots=True)
class BackTest:
    """How the same forecast would have done in the past, so many months ahead."""

    months: Annotated[int, "Months ahead."]
    forecasts: Annotated[int, "Forecasts made of the past and held against what came."]
    mean_error: Annotated[float | None, "Mean absolute error as a share of the revenue then."]
    naive_error: Annotated[float | None, "The same of the forecast that nothing changes."]
    intervals: Annotated[int, "Of these, how many had an interval from what was known by then."]
    covered: Annotated[float | None, "Share of the intervals that held what came."]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The months ahead, and what the past says of such forecasts."""

    currency: Annotated[str, "Of all amounts."]
    monthly_change: Annotated[Decimal | None, "The mean change that is continued."]
    ahead: Annotated[tuple[ForecastMonth, ...], "Month by month."]
    back_test: Annotated[tuple[BackTest, ...], "Month by month."]
    beats_no_change: Annotated[
        bool | None, "Whether its errors are smaller than those of no change; null if unknown."
    ]
    note: Annotated[str, "Why there is no forecast; else empty."] = ""
