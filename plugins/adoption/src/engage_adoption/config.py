"""What a tenant may choose about adoption."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from engage_server.sdk import PluginConfig


class AdoptionConfig(PluginConfig):
    """Configuration of the adoption metrics; product adoption is off until ``activation_event`` is named."""

    window_days: int = Field(30, ge=1, le=366, description="Trailing days over which use of features counts.")
    eligible: Literal["any", "VALUE", "regular"] = Field(
        "any",
        description="Who can adopt a feature: persons with any event, only with an event of class VALUE, or regular users.",
    )
    regular_days: int = Field(
        4, ge=1, le=366, description="Active days within the window that make a regular user."
    )
    entitlements: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Features, by name, that only accounts of some plans may use; who is in none of them is not eligible.",
    )
    adopted_min_uses: int = Field(
        2, ge=1, description="Uses within the window from which on a user has adopted a feature."
    )
    adopted_min_days: int = Field(
        2, ge=1, description="Distinct active days over which those uses must be spread."
    )
    core_target: int = Field(
        30, ge=0, le=100, description="Per cent below which the hint is to check the feature's visibility."
    )
    removal_below: int = Field(
        5, ge=0, le=100, description="Per cent below which the hint is to consider removing the feature."
    )
    removal_after_days: int = Field(
        182,
        ge=0,
        le=3660,
        description="Days since its release, or since it was first known, before a feature is hinted to be removed.",
    )
    suggestions: int = Field(
        5, ge=0, le=50, description="How many unused features are named per account, the widest used first."
    )
    listed_features: int = Field(
        50, ge=1, le=500, description="How many features the tenant's breadth lists, the widest used first."
    )
    release_days: int = Field(
        30, ge=1, le=180, description="Days before and after a release that are compared."
    )
    releases_shown_days: int = Field(
        90, ge=1, le=366, description="For how long after a release its comparison is computed."
    )
    new_users_days: int = Field(
        90,
        ge=0,
        le=366,
        description="Days of new persons whose time to adopt is measured; 0 switches it off.",
    )
    activation_event: str = Field(
        "", description="Event that activates a sign-up; empty switches product adoption off."
    )
    activation_times: int = Field(
        1, ge=1, description="How often the activation event must happen before a sign-up is activated."
    )
    activation_within_days: int = Field(
        14, ge=1, le=366, description="Days of 24 hours after the sign-up in which the activation counts."
    )
    signup_event: str = Field(
        "", description="Event that marks the sign-up; empty takes a person's first event ever."
    )
    existing_users_days: int = Field(
        30,
        ge=0,
        le=366,
        description="Without a sign-up event: persons first seen in so many first days of the tenant's events were "
        "users before and are no sign-ups.",
    )
    cohort_days: int = Field(30, ge=1, le=366, description="Days of sign-ups that form the cohort.")
    cohort: Literal["matured", "trailing"] = Field(
        "matured",
        description="Newest sign-ups whose time for activation is over, or all of the last days (IMMATURE).",
    )

    @model_validator(mode="before")
    @classmethod
    def _without_known_days(cls, given: Any) -> Any:
        """Configurations from before features came from the dictionary may still have it."""
        if isinstance(given, dict):
            return {name: value for name, value in given.items() if name != "known_days"}
        return given

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.adopted_min_days > self.window_days:
            raise ValueError("adopted_min_days exceeds window_days, so nobody could adopt. Remedy: lower it.")
        if self.eligible == "regular" and self.regular_days > self.window_days:
            raise ValueError("regular_days exceeds window_days, so nobody is regular. Remedy: lower it.")
        if self.removal_below > self.core_target:
            raise ValueError("removal_below exceeds core_target. Remedy: lower it to core_target at most.")
        return self

    @property
    def signup_days(self) -> int:
        """Trailing days that hold the cohort: a matured one ends ``activation_within_days`` before today."""
        return self.cohort_days + (self.activation_within_days if self.cohort == "matured" else 0)
