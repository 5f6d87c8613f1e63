"""What a tenant may choose about its funnel."""

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from engage_server.sdk import PluginConfig, Sequences

MOST_STEPS: Final = 20


class FunnelConfig(PluginConfig):
    """The steps, and the time for them; without steps the metric is off."""

    steps: tuple[str, ...] = Field(
        (), max_length=MOST_STEPS, description="Names of events in their order, two to twenty; empty: off."
    )
    within_hours: int = Field(
        14 * 24, ge=1, le=366 * 24, description="Hours from the first step in which all others must be done."
    )
    step_hours: tuple[int | None, ...] = Field(
        (),
        max_length=MOST_STEPS - 1,
        description="For each step after the first, the hours that it may take after the one before; null: no such limit.",
    )
    equal_times: Literal["apart", "together"] = Field(
        "apart",
        description="Whether a step at the very time of the one before counts: not, or (where clocks are coarse) together.",
    )
    window_days: int = Field(30, ge=1, le=366, description="Days of first steps that are followed.")
    cohort: Literal["matured", "trailing"] = Field(
        "matured",
        description="The newest first steps whose time is over, or all of the last days (IMMATURE while some are open).",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.steps) == 1 or any(not step for step in self.steps):
            raise ValueError("steps has one alone, or one without a name. Remedy: name two or more, or none.")
        if len(self.step_hours) >= max(len(self.steps), 1):
            raise ValueError(
                "step_hours has more times than steps after the first. Remedy: one for each at most."
            )
        if any(hours is not None and hours < 1 for hours in self.step_hours):
            raise ValueError("step_hours gives a step no time. Remedy: an hour at least, or null.")
        return self

    def sequences(self) -> Sequences:
        """Who came how far; a matured cohort begins earlier by the time that it has."""
        more = -(-self.within_hours // 24) if self.cohort == "matured" else 0
        return Sequences(
            steps=self.steps,
            within_hours=self.within_hours,
            days=self.window_days + more,
            equal_times=self.equal_times,
            step_hours=self.step_hours,
        )
