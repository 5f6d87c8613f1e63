"""What a tenant may choose about its Product Engagement Score."""

from typing import Literal

from pydantic import Field

from engage_server.sdk import PluginConfig

Variant = Literal["share", "ratio", "retention_2019"]


class PesConfig(PluginConfig):
    """Which features are core, over which window, and how growth is measured."""

    window_days: int = Field(
        30, ge=7, le=90, description="Days of the window; growth compares it with as many days before."
    )
    core_features: tuple[str, ...] = Field(
        (),
        description="Names of the features that a user should use; empty: all that anybody used in the window.",
    )
    variant: Variant = Field(
        "share",
        description="The third component: gained / (gained + dropped); gained / dropped as in Pendo's first "
        "formula, at most "
        "100; or the share of the window before that stayed, as in the score of 2019.",
    )
    growth_of: Literal["accounts", "persons"] = Field(
        "accounts",
        description="Whose growth counts in the tenant's score; an account's is always that of its persons.",
    )

    @property
    def history_days(self) -> int:
        """Days of activity: two windows, and a month before the first day of this one for stickiness."""
        return self.window_days + max(self.window_days, 29)
