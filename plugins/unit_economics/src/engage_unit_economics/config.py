"""What a tenant may choose about its unit economics."""

from typing import Self

from pydantic import Field, model_validator

from engage_server.sdk.money import MoneyConfig


class UnitEconomicsConfig(MoneyConfig):
    """Which costs are for what, over which days, and which deals are won."""

    window_days: int = Field(90, ge=1, le=366, description="Trailing days of costs, new customers and deals.")
    lag_days: int = Field(
        0,
        ge=0,
        le=366,
        description="How many days before its customers the spend on them lies, such as the length of the sales cycle.",
    )
    acquisition_categories: tuple[str, ...] = Field(
        ("sales", "marketing", "advertising"),
        description="Categories of the ledger's costs that win customers; no part of the cost of retention.",
    )
    paid_categories: tuple[str, ...] = Field(
        ("advertising",), description="Those of them that are spent on the paid channels."
    )
    paid_channels: tuple[str, ...] = Field(
        ("paid",), description="Channels of subscriptions whose new customers the paid spend won."
    )
    gross_margin: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of revenue that is left after the cost of serving it; 1 reckons with revenue.",
    )
    won_stages: tuple[str, ...] = Field(
        ("won", "closed_won"), min_length=1, description="Stages of opportunities that are won, in any case."
    )
    lost_stages: tuple[str, ...] = Field(
        ("lost", "closed_lost"), description="Stages of opportunities that are lost, in any case."
    )
    segment_by: str = Field(
        "plan",
        pattern=r"^(plan|stage|owner|traits\..+)$",
        description="By what the tenant's profitability is told: plan, stage, owner, or traits.<name> of a tracked trait.",
    )
    confidence: float = Field(0.95, ge=0.5, lt=1, description="Confidence level of intervals.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        both = _words(self.won_stages) & _words(self.lost_stages)
        if both:
            raise ValueError(f"{sorted(both)} are won and lost. Remedy: take them out of one of the two.")
        others = _words(self.paid_categories) - _words(self.acquisition_categories)
        if others:
            raise ValueError(
                f"The paid categories {sorted(others)} are no acquisition categories. Remedy: add them there."
            )
        return self


def _words(texts: tuple[str, ...]) -> set[str]:
    return {text.lower() for text in texts}
