"""What a tenant may choose about the first week."""

from typing import Final, Self

from pydantic import Field, model_validator

from engage_server.sdk import PluginConfig
from engage_server.sdk.cohorts import Milestone, SignupConfig

WEEK: Final = 7


class Weights(PluginConfig):
    """How much each part of the score weighs against the others."""

    days: float = Field(1, ge=0, le=1000, description="Active days.")
    value: float = Field(1, ge=0, le=1000, description="Events of value.")
    last_day: float = Field(1, ge=0, le=1000, description="How late in the week they were last there.")
    aha: float = Field(1, ge=0, le=1000, description="Whether they came to the aha.")

    @model_validator(mode="after")
    def _something_weighs(self) -> Self:
        if not self.total:
            raise ValueError("No part of the score weighs anything. Remedy: give one a weight above 0.")
        return self

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return self.days + self.value + self.last_day + self.aha


class FirstWeekConfig(SignupConfig):
    """Configuration of first-week engagement; name the purchase as ``signup_event`` to count from it."""

    aha: tuple[Milestone, ...] = Field(
        (Milestone(),),
        min_length=1,
        max_length=10,
        description="What all has to be done in the first week for the aha; by default any event of class VALUE.",
    )
    weights: Weights = Field(Weights(), description="Weights of the parts.")
    target_days: int = Field(3, ge=1, le=WEEK, description="Active days from which on that part is full.")
    target_value_events: int = Field(
        5, ge=1, le=10_000, description="Events of value from which on that part is full."
    )
    drop_off_day: int = Field(
        1,
        ge=0,
        le=WEEK - 2,
        description="Who is not seen after this day has dropped off; 0 is that of the sign-up.",
    )
    short_minutes: int = Field(
        5,
        ge=1,
        le=1440,
        description="Active minutes in all below which somebody was there for a short time only.",
    )
    alarm_below: float = Field(
        30,
        ge=0,
        le=100,
        description="Score below which there is an alarm; in proportion before the week is over.",
    )
    cohort_days: int = Field(28, ge=1, le=366, description="Days of sign-ups whose first week is over.")
