"""What a tenant may choose about unused sign-ups."""

from datetime import timedelta

from pydantic import Field

from engage_server.sdk.cohorts import CohortConfig, Milestone, SignupConfig


class UnusedSignupsConfig(SignupConfig, CohortConfig):
    """Configuration of unused sign-ups."""

    value: tuple[Milestone, ...] = Field(
        (Milestone(),),
        min_length=1,
        max_length=10,
        description="Any one of these makes a sign-up a used one; by default any event of class VALUE.",
    )
    after_days: int = Field(
        7, ge=1, le=366, description="Days of 24 hours after which a sign-up without value is unused."
    )

    @property
    def within(self) -> timedelta:
        """The time that a sign-up has."""
        return timedelta(days=self.after_days)
