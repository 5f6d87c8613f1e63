"""What a tenant may choose about activation."""

from datetime import timedelta

from pydantic import Field

from engage_server.sdk.cohorts import CohortConfig, Milestone, SignupConfig


class ActivationConfig(SignupConfig, CohortConfig):
    """Configuration of activation."""

    milestones: tuple[Milestone, ...] = Field(
        (Milestone(),),
        min_length=1,
        max_length=10,
        description="What all has to be done to be activated: a milestone once, or something so often.",
    )
    within_days: int = Field(
        7, ge=1, le=366, description="Days of 24 hours after the sign-up in which all has to be done."
    )

    @property
    def within(self) -> timedelta:
        """The time for activation."""
        return timedelta(days=self.within_days)
