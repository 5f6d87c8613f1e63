"""What a tenant may choose about active users."""

from typing import Literal

from pydantic import Field

from engage_server.sdk import PluginConfig

Span = Literal["day", "week", "month"]


class ActiveUsersConfig(PluginConfig):
    """Windows, what is counted, and when a gap or an account's collaboration counts."""

    windows: Literal["rolling", "calendar"] = Field(
        "rolling",
        description="Trailing 1, 7 and 30 days, or the calendar day, week (from Monday) and month up to the day.",
    )
    count: Literal["persons", "accounts"] = Field(
        "persons",
        description="What the tenant's active users are: persons, or accounts with an active person.",
    )
    lifecycle_period: Span = Field(
        "week", description="Period over which users are new, returning, resurrecting or dormant."
    )
    volatility_days: int = Field(
        28, ge=14, le=56, description="Full days over which daily actives are held against their mean."
    )
    weekends: bool = Field(
        False,
        description="Whether Saturdays and Sundays count in the volatility; in office tools they hide it.",
    )
    baseline_days: int = Field(
        28, ge=28, le=90, description="Days before the computed one that make the usual DAU-MAU gap."
    )
    gap_z: float = Field(
        3.5, gt=0, le=20, description="Modified z-score from which a wider gap than usual is a warning."
    )
    gap_points: float = Field(
        5, ge=0, le=100, description="Percentage points by which the gap must be wider than usual at least."
    )
    collaborators: int = Field(
        2,
        ge=2,
        le=50,
        description="Persons of an account who must get value on a day for it to be a shared one.",
    )
