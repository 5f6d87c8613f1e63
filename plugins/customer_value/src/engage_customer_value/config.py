"""What a tenant may choose about the value of its customers."""

from typing import Literal, Self

from pydantic import Field, model_validator

from engage_server.sdk.money import MoneyConfig
from engage_server.sdk.recurring import Recognition


class CustomerValueConfig(MoneyConfig):
    """What costs count, how far ahead is looked, and what customers are alike by."""

    gross_margin: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of revenue that is left after the cost of serving it; 1 reckons with revenue.",
    )
    horizon_months: int = Field(
        60, ge=1, le=600, description="The longest lifetime that is predicted, also where nobody leaves."
    )
    churn_months: int = Field(12, ge=1, le=60, description="Trailing months over which churn is pooled.")
    recognition: Recognition = Field(
        "period_end",
        description="When a cancelled subscription is lost: at its end, or on the day on which notice was given.",
    )
    acquisition_categories: tuple[str, ...] = Field(
        ("sales", "marketing", "advertising"),
        description="Categories of the ledger's costs that win customers; all others are service.",
    )
    common_costs: Literal["left_out", "equally"] = Field(
        "left_out",
        description="What becomes of costs without an account: left out of values, or shared equally by all customers.",
    )
    histogram_bins: int = Field(10, ge=2, le=50, description="Equal steps of the histogram.")
    high_value_share: float = Field(
        0.2, gt=0, lt=1, description="Which share of the customers, the most valuable ones, is of high value."
    )
    fit_by: tuple[str, ...] = Field(
        ("plan",),
        min_length=1,
        description="Attributes by which customers are alike: plan, owner, or traits.<name> of tracked traits.",
    )
    fit_least: int = Field(
        4, ge=1, le=1000, description="How many others must be alike before fit says something."
    )
    effort: Literal["costs", "touches"] = Field(
        "costs",
        description="What own effort is: an account's costs of service, or contacts with its persons.",
    )
    effort_days: int = Field(365, ge=1, le=366, description="Trailing days of the effort.")
    touch_channels: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Where effort is touches: channels and the events that are its contacts.",
    )
    confidence: float = Field(0.95, ge=0.5, lt=1, description="Confidence level of intervals.")

    @model_validator(mode="after")
    def _channels_where_they_are_counted(self) -> Self:
        if self.effort == "touches" and not any(self.touch_channels.values()):
            raise ValueError(
                "effort is touches and no event is one. Remedy: name channels and their events in touch_channels."
            )
        return self
