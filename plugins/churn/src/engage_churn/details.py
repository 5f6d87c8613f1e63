"""The further figures of churn. Rates are shares, 0 to 1; amounts are a month's, in ``currency``, and positive."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Reason:
    """Why accounts were lost, as far as it was told."""

    reason: Annotated[str, "Reason of the subscription that ended last; empty where none was given."]
    accounts: Annotated[int, "Accounts that were lost for it."]
    amount: Annotated[Decimal, "What they paid when the period began."]


@dataclass(frozen=True, slots=True)
class LogoChurn:
    """Who was there, who left and who came."""

    start: Annotated[int, "Paying accounts when the period began; the denominator."]
    lost: Annotated[int, "Of these, who pay nothing at the end."]
    joined: Annotated[int, "Who pay at the end and did not at the start."]
    end: Annotated[int, "Paying accounts at the end."]
    returned: Annotated[int, "Who stopped within the period and pay again at the end; not lost."]
    joined_and_left: Annotated[int, "Who joined and left within the period; lost in the variant alone."]
    rate: Annotated[float | None, "Lost / start."]
    rate_with_joined_and_left: Annotated[float | None, "Lost and joined-and-left / start."]
    yearly: Annotated[
        float | None, "The value's rate over a year: 1 - (1 - rate) to the power of periods a year."
    ]
    reasons: Annotated[tuple[Reason, ...], "Why the lost ones left, most accounts first."]


@dataclass(frozen=True, slots=True)
class ReasonAmount:
    """Revenue that was lost for a reason."""

    reason: Annotated[
        str, "Reason of the subscription that ended; empty where none was given or only terms changed."
    ]
    amount: Annotated[Decimal, "Churned and contracted for it."]


@dataclass(frozen=True, slots=True)
class RevenueChurn:
    """What was lost and gained of the revenue at the start."""

    currency: Annotated[str, "Of all amounts."]
    start: Annotated[Decimal, "Monthly recurring revenue when the period began; the denominator."]
    churned: Annotated[Decimal, "Of accounts that pay nothing any more."]
    contracted: Annotated[Decimal, "Less of accounts that still pay."]
    expanded: Annotated[Decimal, "More of accounts that paid already."]
    reactivated: Annotated[Decimal, "Of accounts that pay again."]
    yearly: Annotated[float | None, "Over a year, compounded; null above 100% in the period."]
    reasons: Annotated[tuple[ReasonAmount, ...], "What was lost, by reason, the largest first."]
