"""From a metric's own unit to a score of 0 to 100: a line, steps, the place among accounts, or as it was measured."""

from typing import Annotated, ClassVar, Literal, Self

import polars as pl
from pydantic import Field, FiniteFloat, model_validator

from engage_server.sdk import PluginConfig

BEST = 100.0
AVERAGE = 60.0
WORST = 0.0

Good = Annotated[
    Literal["UP", "DOWN"], Field(description="UP where a high value is good, DOWN where a low one is.")
]


class Measured(PluginConfig):
    """As the metric's own plugin says: the value's place on the scale that was asked, whichever end of it is good.

    No scale is assumed, so that none can be mistaken: 4.08 on 1-7 is 51.33, and 4.08 on 1-5 is 77.
    """

    unscored: ClassVar[str] = "missing: the metric does not say where its value lies between 0 and 100"
    kind: Literal["measured"] = Field(
        "measured", description="The value's place on the scale that was asked, as the metric itself says it."
    )

    def scores(self) -> pl.Expr:
        """Score of each row's ``value``: its ``normalised``, null where the metric says none."""
        return pl.col("normalised").clip(WORST, BEST)


class Linear(PluginConfig):
    """A straight line from ``low`` (0) to ``high`` (100), cut off at both ends; turned round for DOWN."""

    kind: Literal["linear"] = Field("linear", description="A straight line between two values.")
    low: FiniteFloat = Field(description="At or below this value the line ends.")
    high: FiniteFloat = Field(description="At or above this value the line ends.")
    good: Good = "UP"

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.low >= self.high:
            raise ValueError(
                f"low ({self.low:g}) must be below high ({self.high:g}). "
                "Remedy: exchange them and set good to DOWN if a low value is the good one."
            )
        return self

    def scores(self) -> pl.Expr:
        """Score of each row's ``value``."""
        risen = ((pl.col("value") - self.low) / (self.high - self.low) * BEST).clip(WORST, BEST)
        return risen if self.good == "UP" else BEST - risen


class Steps(PluginConfig):
    """Totango's three steps: good 100, average 60, poor 0. A value at a threshold is on the better step."""

    kind: Literal["steps"] = Field("steps", description="Three steps: good 100, average 60, poor 0.")
    good_at: FiniteFloat = Field(description="From this value on (in the good direction) the score is 100.")
    average_at: FiniteFloat = Field(description="From this value on the score is 60, before it 0.")
    good: Good = "UP"

    @model_validator(mode="after")
    def _rises(self) -> Self:
        ordered = self.average_at < self.good_at if self.good == "UP" else self.average_at > self.good_at
        if not ordered:
            side = "below" if self.good == "UP" else "above"
            raise ValueError(
                f"average_at ({self.average_at:g}) must lie {side} good_at ({self.good_at:g}), "
                f"since good is {self.good}."
            )
        return self

    def scores(self) -> pl.Expr:
        """Score of each row's ``value``."""
        value = pl.col("value")
        good = value >= self.good_at if self.good == "UP" else value <= self.good_at
        average = value >= self.average_at if self.good == "UP" else value <= self.average_at
        return pl.when(good).then(BEST).when(average).then(AVERAGE).otherwise(WORST)


class Percentile(PluginConfig):
    """Place among the accounts that have a value that day: 100 * (below + half of the equal ones) / all."""

    unscored: ClassVar[str] = "missing: too few accounts to compare with"
    kind: Literal["percentile"] = Field("percentile", description="Place among the accounts of the day.")
    good: Good = "UP"
    peers: Literal["all", "plan", "stage"] = Field(
        "all",
        description="Compare with all accounts, or with those of the same plan or stage (trials with trials).",
    )
    min_peers: int = Field(10, ge=1, description="In a smaller group the component counts as missing.")

    def scores(self) -> pl.Expr:
        """Score of each row's ``value`` among the frame's rows of the day ``on`` (with ``plan`` and ``stage``); null in a
        small group."""
        peers = ["on"] if self.peers == "all" else ["on", self.peers]
        # Equal values share the mean of their ranks, so the middle of a rank is half a place below it.
        place = (pl.col("value").rank("average") - 0.5).over(peers)
        size = pl.len().over(peers)
        risen = place / size * BEST
        return pl.when(size >= self.min_peers).then(risen if self.good == "UP" else BEST - risen)


Normalisation = Annotated[Measured | Linear | Steps | Percentile, Field(discriminator="kind")]
