"""Which metrics are held against which."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engage_server.sdk import PluginConfig

METRIC = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"


class Pair(BaseModel):
    """Two metrics that are measured for accounts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: str = Field(pattern=METRIC, description="Full id: the plugin's, a dot, the metric's.")
    second: str = Field(pattern=METRIC, description="Another one.")

    @model_validator(mode="after")
    def _are_two(self) -> Self:
        if self.first == self.second:
            raise ValueError(f"{self.first} is held against itself. Remedy: name two metrics.")
        if any(one.startswith("correlation.") for one in (self.first, self.second)):
            raise ValueError(
                "A correlation is no value of an account. Remedy: name metrics of other plugins."
            )
        return self


class CorrelationConfig(PluginConfig):
    """The pairs, and how many accounts they need."""

    pairs: tuple[Pair, ...] = Field(
        (
            Pair(first="nps.score", second="revenue.mrr"),
            Pair(first="health_score.score", second="revenue.mrr"),
            Pair(first="license_utilization.utilization", second="revenue.mrr"),
        ),
        min_length=1,
        max_length=20,
        description="The first pair is the value; all are in the details, corrected for how many there are.",
    )
    minimum_accounts: int = Field(
        20, ge=10, le=10_000, description="A pair of fewer accounts with both values is not judged."
    )
    max_age_days: int = Field(7, ge=0, le=60, description="The oldest value that is looked at.")
    confidence: float = Field(0.95, gt=0.5, lt=1, description="Level of the intervals.")
    false_discovery_rate: float = Field(
        0.05, gt=0, le=0.5, description="Of what is found, the share that may be chance."
    )
