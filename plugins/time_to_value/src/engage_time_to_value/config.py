"""What a tenant may choose about time to value."""

from pydantic import Field

from engage_server.sdk.cohorts import Milestone, SignupConfig


class TimeToValueConfig(SignupConfig):
    """Configuration of time to value; the time of set-up is off until its events are named."""

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
