"""What a tenant may choose about time to value."""

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from engage_server.sdk.cohorts import Milestone, SignupConfig
from engage_server.sdk.money import MoneyConfig


class TimeToValueConfig(SignupConfig, MoneyConfig):
    """Configuration of time to value; set-up and return are off until their events are named."""

    value: tuple[Milestone, ...] = Field(
        (Milestone(),),
        min_length=1,
        max_length=10,
        description="What all has to be done for the first value; by default any event of class VALUE.",
    )
    setup: tuple[Milestone, ...] = Field(
        (), max_length=10, description="What all has to be done to be set up; empty switches its time off."
    )
    setup_within_days: int = Field(
        7, ge=1, le=366, description="Days after which a sign-up that is not set up is overdue."
    )
    cohort_days: int = Field(90, ge=1, le=366, description="Trailing days of sign-ups that are looked at.")
    within_days: int = Field(
        90, ge=1, le=366, description="Days of 24 hours after the sign-up in which anything counts."
    )
    worth_event: str = Field(
        "", description="Event that is worth something to the customer; empty switches the return off."
    )
    worth: Decimal = Field(
        Decimal(0),
        ge=0,
        max_digits=18,
        decimal_places=4,
        description="What one such event is worth, in `currency`.",
    )

    @model_validator(mode="after")
    def _worth_something(self) -> Self:
        if self.worth_event and not self.worth:
            raise ValueError(
                f"{self.worth_event} has no worth. Remedy: set worth to what one such event is worth."
            )
        if self.worth_event and self.currency is None:
            raise ValueError("The worth is in no currency. Remedy: set currency to the one that worth is in.")
        return self
