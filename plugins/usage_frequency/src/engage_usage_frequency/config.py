"""What a tenant may choose about usage frequency."""

from typing import Literal, Self

from pydantic import Field, model_validator

from engage_server.sdk import PluginConfig


class UsageFrequencyConfig(PluginConfig):
    """The window, and from how many active days in 14 on a class begins; the classes scale with the window."""

    window_days: int = Field(
        14, ge=1, le=366, description="Full days looked at; about two weeks is advice, any length works."
    )
    daily_from: int = Field(10, ge=1, le=14, description="Active days of 14 from which use is daily.")
    weekly_from: int = Field(2, ge=1, le=14, description="Active days of 14 from which use is weekly.")
    event_class: Literal["any", "VALUE"] = Field(
        "any", description="Which events make a day active: any (but notices), or only of class VALUE."
    )
    min_persons: int = Field(
        1, ge=1, le=1000, description="Persons of an account who must be active for a day of it to count."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.weekly_from >= self.daily_from:
            raise ValueError(
                f"weekly_from ({self.weekly_from}) must be below daily_from ({self.daily_from}). Remedy: lower it."
            )
        return self
