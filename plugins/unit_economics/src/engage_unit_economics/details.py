"""The further figures. Amounts are in ``currency``."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated


@dataclass(frozen=True, slots=True)
class CategoryCost:
    """What was spent in a category."""

    category: Annotated[str, "Category of the ledger; empty where none was given."]
    amount: Annotated[Decimal, "Spent in the window."]


@dataclass(frozen=True, slots=True)
class AcquisitionCost:
    """What was spent on winning customers, and who came."""

    currency: Annotated[str, "Of all amounts."]
    spend: Annotated[Decimal, "Sales and marketing in the days of the spend."]
    new_customers: Annotated[int, "Accounts that paid for the first time in the window."]
    paid: Annotated[float | None, "Paid spend / customers of the paid channels; null without either."]
    paid_spend: Annotated[Decimal, "Spend of the paid categories."]
    paid_customers: Annotated[int, "New customers that came through a paid channel."]
    spent_from: Annotated[date, "First day of the spend."]
    spent_to: Annotated[date, "Last day of the spend; the lag before the day."]
    categories: Annotated[tuple[CategoryCost, ...], "The spend by category, the largest first."]


@dataclass(frozen=True, slots=True)
class RetentionCost:
    """What was spent on keeping customers."""

    currency: Annotated[str, "Of all amounts."]
    spend: Annotated[Decimal, "Costs of retention in the window."]
    customers: Annotated[int, "Accounts that pay at the end of the day."]
    left_out: Annotated[
        Decimal, "Costs that are marked as no part of it, such as keeping the product running."
    ]
    categories: Annotated[tuple[CategoryCost, ...], "The spend by category, the largest first."]


@dataclass(frozen=True, slots=True)
class CostRatio:
    """Winning against keeping a customer."""

    currency: Annotated[str, "Of all amounts."]
    cac: Annotated[float | None, "Cost of winning one customer."]
    crc: Annotated[float | None, "Cost of keeping one for the days of the window."]
    to_yearly_crc: Annotated[float | None, "CAC / the cost of keeping one for a year."]
    retention_to_acquisition: Annotated[
        float | None, "All spend on keeping / all spend on winning: the balance."
    ]


@dataclass(frozen=True, slots=True)
class Payback:
    """How long a customer takes to earn back what it cost."""

    currency: Annotated[str, "Of all amounts."]
    cac: Annotated[float | None, "Cost of winning one customer."]
    arpu: Annotated[float | None, "Monthly recurring revenue of a paying account."]
    gross_margin: Annotated[float, "Share of revenue that is left."]
    never: Annotated[bool, "Nothing is earned with a customer, so that its cost never comes back."]


@dataclass(frozen=True, slots=True)
class SalesVelocity:
    """The four factors."""

    currency: Annotated[str, "Of all amounts."]
    opportunities: Annotated[int, "Open on some day of the window."]
    won: Annotated[int, "Won in the window."]
    lost: Annotated[int, "Lost in the window."]
    win_rate: Annotated[float | None, "Won / closed, a share."]
    deal_size: Annotated[Decimal | None, "Mean amount of the won ones."]
    cycle_days: Annotated[float | None, "Mean days from the first stage to the won one; at least 1 each."]
    note: Annotated[str, "Why there is no value; else empty."] = ""


@dataclass(frozen=True, slots=True)
class SegmentProfit:
    """The profitability of a segment."""

    segment: Annotated[str, "Value of the dimension; empty where unknown."]
    accounts: Annotated[int, "Accounts with revenue or costs in the window."]
    revenue: Annotated[Decimal, "Revenue of the window."]
    acquisition: Annotated[Decimal, "Costs of winning customers."]
    retention: Annotated[Decimal, "Costs of keeping them."]
    service: Annotated[Decimal, "All other costs."]
    profit: Annotated[Decimal, "Revenue less the three."]


@dataclass(frozen=True, slots=True)
class Profitability:
    """Revenue less what winning, keeping and serving cost."""

    currency: Annotated[str, "Of all amounts."]
    revenue: Annotated[Decimal, "Recurring revenue by the day, and one-off revenue."]
    acquisition: Annotated[Decimal, "Costs of winning customers, with the share of common ones."]
    retention: Annotated[Decimal, "Costs of keeping them, with the share of common ones."]
    service: Annotated[Decimal, "All other costs, with the share of common ones."]
    margin: Annotated[float | None, "Profit / revenue, a share; null without revenue."]
    segmented_by: Annotated[str, "The dimension of the segments; empty for an account."] = ""
    segments: Annotated[tuple[SegmentProfit, ...], "The tenant's by segment; of accounts empty."] = ()
