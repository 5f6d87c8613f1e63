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

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.healthy_low >= self.healthy_high:
            raise ValueError("healthy_low is not below healthy_high. Remedy: lower healthy_low.")
        return self
