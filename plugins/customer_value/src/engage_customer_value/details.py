"""The further figures. Amounts are in ``currency``."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Bin:
    """A step of the histogram."""

    low: Annotated[float, "Values from here,"]
    high: Annotated[float, "up to here; of the last step included."]
    customers: Annotated[int, "Accounts with such a value."]
    amount: Annotated[Decimal, "Sum of their values."]


@dataclass(frozen=True, slots=True)
class HistoricalValue:
    """What a customer, or on the average the customers, brought so far."""

    currency: Annotated[str, "Of all amounts."]
    revenue: Annotated[Decimal, "Recurring and one-off revenue so far."]
    years: Annotated[float, "From the first to the last day with revenue."]
    revenue_per_year: Annotated[float, "Revenue / years."]
    acquisition_cost: Annotated[Decimal, "Costs of winning it."]
    service_cost: Annotated[Decimal, "All other costs of it."]
    is_high_value: Annotated[bool | None, "Of an account: whether it is among the most valuable ones."] = None
    median: Annotated[float | None, "Of the tenant: median of the accounts' values."] = None
    high_value_from: Annotated[
        float | None, "Of the tenant: value from which on an account is of high value."
    ] = None
    high_value_share_of_total: Annotated[
        float | None, "Of the tenant: what these bring of all value, a share."
    ] = None
    left_out: Annotated[
        Decimal, "Of the tenant: costs and revenue of no customer that no value has, less costs."
    ] = Decimal(0)
    histogram: Annotated[tuple[Bin, ...], "Of the tenant: the accounts by value."] = ()


@dataclass(frozen=True, slots=True)
class PredictedValue:
    """What a customer will bring, and the factors."""

    currency: Annotated[str, "Of all amounts."]
    monthly: Annotated[Decimal, "Revenue a month: of a tenant the mean of its paying accounts."]
    gross_margin: Annotated[float, "Share of revenue that is left."]
    monthly_churn: Annotated[
        float | None, "Share of customers lost in a month; null without a month of history."
    ]
    lifetime_months: Annotated[float, "1 / churn, at most the horizon."]
    is_capped: Annotated[bool, "Whether the horizon is the lifetime."]
    customer_months: Annotated[int, "Customers at the start of the pooled months, added up."]
    lost: Annotated[int, "How many of them were lost within their month."]


class Verdict(StrEnum):
    """Why a customer is worth what it is."""

    HIGH_VALUE = "HIGH_VALUE"
    TOO_LITTLE_EFFORT = "TOO_LITTLE_EFFORT"
    NO_FIT = "NO_FIT"
    UNEXPLAINED = "UNEXPLAINED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Profile:
    """Customers who are alike in one attribute."""

    attribute: Annotated[str, "By what they are alike."]
    group: Annotated[str, "Its value on the day."]
    customers: Annotated[int, "Accounts of that value."]
    mean_value: Annotated[float, "Mean of their historical values."]
    lift: Annotated[float | None, "That mean / the mean of all; null where this one is not positive."]


@dataclass(frozen=True, slots=True)
class Fit:
    """How valuable those are who are like this customer."""

    historical_value: Annotated[float | None, "Its own value; null for the tenant."]
    alike: Annotated[int, "Others that are alike in some attribute and are compared with."]
    effort: Annotated[float | None, "Own effort for it."]
    verdict: Annotated[Verdict, "Of a customer below the median: whether effort or fit is what lacks."]
    profiles: Annotated[
        tuple[Profile, ...], "Of the tenant: groups by attribute; the first is the ideal profile."
    ] = ()


@dataclass(frozen=True, slots=True)
class Effort:
    """Whether own effort explains the value of customers."""

    measured_by: Annotated[str, "costs or touches."]
    median_value: Annotated[float, "Customers below it are of low value."]
    median_effort: Annotated[float, "Below it is little effort."]
    high_value: Annotated[int, "Customers of at least the median value."]
    too_little_effort: Annotated[
        int, "Low value, though customers like them are worth as much as all: little effort."
    ]
    no_fit: Annotated[int, "Low value, as customers like them are worth less than all."]
    unexplained: Annotated[int, "Low value with fit and effort."]
    unknown: Annotated[int, "Low value, and too few are like them to say."]
    note: Annotated[str, "What the correlation is not."] = (
        "A correlation: who is worth more may also be cared for more."
    )
