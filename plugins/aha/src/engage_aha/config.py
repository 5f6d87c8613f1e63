"""Configuration of the search for early actions that go with what becomes of people."""

from typing import Self

from pydantic import Field, model_validator

from engage_server.sdk import PluginConfig


class AhaConfig(PluginConfig):
    """Which actions are tried, and what counts as having stayed."""

    cohort_days: int = Field(
        90, ge=7, le=366, description="Sign-ups of so many days are observed, those that can be."
    )
    window_days: tuple[int, ...] = Field(
        (1, 3, 7),
        min_length=1,
        max_length=5,
        description="First days of a sign-up, each window tried by itself.",
    )
    thresholds: tuple[int, ...] = Field(
        (1, 2, 3, 5, 10),
        min_length=1,
        max_length=10,
        description="How often an action must be done, each tried.",
    )
    back_from: int = Field(
        28, ge=1, le=366, description="First day (0 is the sign-up's) on which coming back counts."
    )
    back_to: int = Field(34, ge=1, le=366, description="Last day on which coming back counts.")
    upgrade_within_days: int = Field(
        60, ge=1, le=366, description="Days from the first sign-up within which an account must begin to pay."
    )
    signup_event: str | None = Field(
        None, description="The event that marks a sign-up; without one a person's first event ever does."
    )
    settling_days: int = Field(
        0,
        ge=0,
        le=366,
        description="Who is first seen in so many first days of all events was a user before.",
    )
    ignored_events: tuple[str, ...] = Field(
        (), max_length=200, description="Events that are no candidates, such as those done to everybody."
    )
    minimum_cell: int = Field(
        20,
        ge=5,
        le=10_000,
        description="So many must have done an action, and so many not, for it to be tried.",
    )
    false_discovery_rate: float = Field(
        0.05, gt=0, le=0.5, description="Of what is found, the share that may be chance."
    )
    loyal_share: float = Field(0.2, gt=0, le=0.5, description="The most loyal are so large a share.")
    common_share: float = Field(
        0.8, gt=0, le=1, description="An action is common that so many of the loyal did."
    )
    shown: int = Field(20, ge=1, le=100, description="Actions in the details.")

    @property
    def length(self) -> int:
        """The longest window of first days."""
        return max(self.window_days)

    @property
    def observed_days(self) -> int:
        """The trailing days whose sign-ups are read."""
        return self.cohort_days + max(self.back_to, self.upgrade_within_days)

    @model_validator(mode="after")
    def _outcome_comes_after_the_actions(self) -> Self:
        if min(*self.window_days, *self.thresholds, 1) < 1 or self.length > 90:
            raise ValueError("window_days go from 1 to 90, and thresholds from 1. Remedy: no other ones.")
        if not self.length <= self.back_from <= self.back_to or self.upgrade_within_days < self.length:
            raise ValueError(
                "What becomes of a sign-up must lie after the days whose actions are tried: back_from at least the longest "
                "of window_days, back_to at least back_from, upgrade_within_days at least the longest of window_days. "
                "Remedy: later days, or shorter windows."
            )
        return self
