"""What a tenant may choose about conversion."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from engage_server.sdk.cohorts import CohortConfig


class ConversionConfig(CohortConfig):
    """Configuration of conversion: of events, and of accounts from free to paid plans."""

    entry_event: str = Field("Signed Up", min_length=1, description="Event with which somebody enters.")
    conversion_event: str = Field("Trial Started", min_length=1, description="Event that converts them.")
    conversion_times: int = Field(
        1, ge=1, le=100_000, description="How often it must happen after the entry, and in time."
    )
    within_hours: int = Field(336, ge=1, le=8_784, description="Hours after the entry in which it counts.")
    entry: Literal["first_touch", "each_entry"] = Field(
        "first_touch",
        description="Each person once, by the first entry of the cohort's days, or every entry by itself.",
    )
    free_plans: tuple[str, ...] = Field(
        ("free", "trial"), description="Names of plans that cost nothing; empty switches free to paid off."
    )
    paid_plans: tuple[str, ...] = Field(
        (), description="Names of plans that are paid for; empty: all that are not free."
    )
    paid_within_days: int = Field(
        30,
        ge=1,
        le=366,
        description="Calendar days after the begin of the free plan in which a paid one counts.",
    )
    plan_cohort_days: int = Field(
        90,
        ge=1,
        le=366,
        description="Days of accounts' first free plans that form the cohort of free to paid.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.entry_event == self.conversion_event:
            raise ValueError(
                f"{self.entry_event!r} is entry and conversion at once, so that everybody would convert. "
                "Remedy: name two events."
            )
        if both := sorted(set(self.free_plans) & set(self.paid_plans)):
            raise ValueError(
                f"{', '.join(both)} is free and paid at once. Remedy: name each plan in one list."
            )
        return self

    @property
    def within(self) -> timedelta:
        """The time for a conversion."""
        return timedelta(hours=self.within_hours)
