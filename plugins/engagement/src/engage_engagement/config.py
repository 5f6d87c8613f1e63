"""What a tenant may choose about engagement."""

from math import log
from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from engage_server.sdk import PluginConfig, WeightedEvents

Measure = Literal["frequency", "time", "active_users", "licenses"]
Weight = Annotated[FiniteFloat, Field(ge=0, le=1000)]


class EngagementConfig(PluginConfig):
    """Points of events, their caps and ageing; who is compared with whom."""

    window_days: int = Field(30, ge=1, le=366, description="Trailing days whose events make the score.")
    weights: dict[str, FiniteFloat] = Field(
        {},
        description="Points of events by name, before those of the dictionary; below zero for what is bad.",
    )
    daily_cap: int | None = Field(
        None, ge=1, description="The most events of a name that count of a person on a day; empty: all."
    )
    daily_caps: dict[str, Annotated[int, Field(ge=1)]] = Field(
        {}, description="Caps of single events by name, before daily_cap."
    )
    decay: Literal["hard_window", "half_life", "per_period"] = Field(
        "hard_window", description="Whether all events of the window count alike, or older ones less."
    )
    decay_percent: float = Field(
        20, gt=0, lt=100, description="With per_period: by how many per cent points shrink in each period."
    )
    decay_days: float = Field(
        30, gt=0, le=366, description="With per_period: the length of a period in days."
    )
    half_life_days: float = Field(
        14, gt=0, le=366, description="With half_life: the days after which an event counts half."
    )
    named_parts: int = Field(5, ge=1, le=50, description="Events named in the explanation, weightiest first.")
    peers: Literal["stage", "plan"] = Field(
        "stage",
        description="Accounts compared with each other: of one stage (trials with trials), or of one plan.",
    )
    peer_days: int = Field(14, ge=1, le=90, description="Full days over which peers are compared.")
    peer_measure: Literal["actions", "score"] = Field(
        "actions", description="What ranks peers: actions a day, or points a day."
    )
    min_peers: int = Field(10, ge=2, le=1000, description="In a smaller group nobody is compared.")
    measures: dict[Measure, Weight] = Field(
        {"frequency": 1, "time": 1, "active_users": 1, "licenses": 1},
        description="Weights of the four measures; one that is missing or 0 is left out.",
    )
    min_coverage: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of the weights whose measures must be known for a score of the four.",
    )

    @model_validator(mode="after")
    def _has_weight(self) -> Self:
        if not any(self.measures.values()):
            raise ValueError("measures has no weight above 0. Remedy: give one of the four a weight.")
        return self

    def weighted_events(self, days: int) -> WeightedEvents:
        """The events of so many days after caps and ageing."""
        return WeightedEvents(
            days=days,
            daily_cap=self.daily_cap,
            daily_caps=tuple(sorted(self.daily_caps.items())),
            half_life_days=self.halving_days,
        )

    @property
    def halving_days(self) -> float | None:
        """The days after which an event counts half; None where all count alike.

        With ``per_period`` (1 - x) ** (age / decay_days) is 0.5 ** (age / halving days): after each whole period an event
        is worth what a loss of x at its end would leave, and smoothly less between.
        """
        if self.decay == "per_period":
            return self.decay_days * log(0.5) / log(1 - self.decay_percent / 100)
        return self.half_life_days if self.decay == "half_life" else None
