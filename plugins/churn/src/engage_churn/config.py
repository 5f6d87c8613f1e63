"""What a tenant may choose about its churn."""

from typing import Literal

from pydantic import Field

from engage_server.sdk.money import MoneyConfig
from engage_server.sdk.recurring import Grouping, Recognition


class ChurnConfig(MoneyConfig):
    """Over which period, from which day on somebody is lost, and what else counts as lost."""

    period: Literal["month", "quarter", "year"] = Field(
        "month", description="Calendar period; its churn is the value of its last day."
    )
    recognition: Recognition = Field(
        "period_end",
        description="When a cancelled subscription is lost: at its end, or on the day on which notice was given.",
    )
    grouping: Grouping = Field(
        "day",
        description="What is one movement of revenue: an account's changes of a day, or all of them in the period.",
    )
    count_joined_and_left: bool = Field(
        False,
        description="Whether who joins and leaves inside the period counts as lost; the start stays as it is.",
    )
    confidence: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of the interval of logo churn."
    )
