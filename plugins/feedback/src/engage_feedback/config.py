"""What a tenant may choose about its feedback."""

from typing import Literal

from pydantic import Field

from engage_server.sdk import PluginConfig


class FeedbackConfig(PluginConfig):
    """Which texts count, and how many tags are listed."""

    window_days: int = Field(90, ge=1, le=366, description="Length of the trailing window in calendar days.")
    given_by: Literal["all", "CUSTOMER", "STAFF"] = Field(
        "all", description="Count the texts of customers, those of the tenant's own people, or both."
    )
    most_tags: int = Field(20, ge=1, le=100, description="How many tags are listed, the most frequent first.")
    confidence: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level at which a change is more than chance."
    )
