"""What a tenant may choose about its revenue."""

from typing import Literal

from pydantic import Field

from engage_server.sdk.money import MoneyConfig
from engage_server.sdk.recurring import Grouping, Recognition


class RevenueConfig(MoneyConfig):
    """Which period is looked at, what is one movement, and what averages are taken over."""

    period: Literal["month", "quarter", "year"] = Field(
        "month",
        description="Calendar period of the movements and of retention; its value is that of its last day.",
    )
    grouping: Grouping = Field(
        "day",
        description=(
            "What is one movement of an account: its changes of a day, or all of them in the period, so that who joins and "
            "leaves inside it does not move."
        ),
    )
    recognition: Recognition = Field(
        "period_end",
        description="When a cancelled subscription is lost: at its end, or on the day on which notice was given.",
    )
    average_over: Literal["end", "average"] = Field(
        "end",
        description="Paying accounts that ARPPU divides by: those at the end, or the mean of start and end of the period.",
    )
    arpu_revenue: Literal["recurring", "all"] = Field(
        "recurring",
        description="What ARPU and ARPA divide: recurring revenue, or that and the one-off revenue of the period.",
    )
    arpu_days: int = Field(30, ge=1, le=366, description="Trailing days in which a user of ARPU was active.")
    horizon_months: int = Field(3, ge=1, le=12, description="How many months ahead the forecast looks.")
    drift_months: int = Field(6, ge=1, le=24, description="Months whose mean change the forecast continues.")
    forecast_level: float = Field(
        0.8, ge=0.5, le=0.95, description="Share of past errors that the forecast's interval spans."
    )
