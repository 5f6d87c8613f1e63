"""What a tenant may choose about license utilization."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from engage_server.sdk import PluginConfig


class Band(StrEnum):
    """Where a utilization lies: [0, low), [low, high), [high, 100] and above 100 per cent."""

    UNDER = "UNDER"
    HEALTHY = "HEALTHY"
    FULL = "FULL"
    OVER_ALLOCATED = "OVER_ALLOCATED"


class Denominator(StrEnum):
    """What users may be measured against."""

    PURCHASED = "PURCHASED"
    ENTITLED = "ENTITLED"
    PROVISIONED = "PROVISIONED"


class LicenseUtilizationConfig(PluginConfig):
    """Configuration of license utilization; the default bands are those of revos.ai."""

    window_days: int = Field(
        30, ge=1, le=366, description="Trailing days in which a person must be active to use a seat."
    )
    event_class: Literal["any", "VALUE"] = Field(
        "any", description="What makes a person active: any event, or only an event of class VALUE."
    )
    healthy_low: int = Field(
        60, ge=0, le=100, description="Per cent from which on the utilization is healthy."
    )
    healthy_high: int = Field(
        85, ge=0, le=100, description="Per cent from which on it is full, an opportunity to sell more seats."
    )
    include_trials: bool = Field(
        False, description="Whether seats of trial subscriptions count as if they were purchased."
    )
    roll_up_children: bool = Field(
        True, description="Whether an account's value covers the accounts below it as well."
    )

    users: Literal["distinct", "concurrent_peak"] = Field(
        "distinct",
        description=(
            "Who uses seats: everybody active in the window, or, for concurrent licences, the most sessions that ran at "
            "one moment of it."
        ),
    )
    provisioned: Literal["ignored", "unlimited", "always"] = Field(
        "ignored",
        description=(
            "What the provisioned members stand in for: nothing, the missing number of seats of unlimited plans, or all "
            "seats."
        ),
    )
    what_if: bool = Field(
        False,
        description="Whether purchased, entitled (with trials) and provisioned are also compared, side by side.",
    )
    change_days: int = Field(
        0, ge=0, le=366, description="With how many days before seats and plans are compared; 0: with none."
    )

    @property
    def reads_members(self) -> bool:
        """Whether members are asked for."""
        return self.what_if or self.provisioned != "ignored"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.healthy_low >= self.healthy_high:
            raise ValueError("healthy_low is not below healthy_high. Remedy: lower healthy_low.")
        return self
