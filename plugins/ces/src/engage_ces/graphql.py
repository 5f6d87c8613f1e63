"""Typed GraphQL fields of the customer effort score."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

import strawberry

from engage_ces.distribution import Group
from engage_server.sdk import TENANT, account
from engage_server.sdk.graphql import AccountNode, MetricResult, StoredValue, result, stored

METRIC = "ces.effort_score"
SCORE_PREFIX = "score_"


@strawberry.type(description="How many answered a score.")
class EffortScoreCount:
    score: int
    count: int


@strawberry.type(description="The effort score of one instrument on one scale.")
class EffortScoreInstrument:
    instrument: str
    scale_min: int
    scale_max: int
    direction: str = strawberry.field(description="UP where a high score means little effort, else DOWN.")
    value: float | None = strawberry.field(description="In the variant of the whole.")
    points: float | None = strawberry.field(description="What the instrument adds to the whole value.")
    n: int
    top_box_share: float | None


@strawberry.type(description="An effort score with its other variants. Shares are 0 to 1.")
class EffortScore(MetricResult):
    variant: str = strawberry.field(description="What value is: mean, top_box, net or normalised.")
    unit: str | None = strawberry.field(description="The value's: points of the scale asked, or %.")
    good: str | None = strawberry.field(
        description="UP where a high value is the good one, DOWN where a low one is: of value, not of the scale."
    )
    note: str = strawberry.field(description="Why the value is withheld; empty otherwise.")
    mean: float | None
    top_box_share: float | None
    net: float | None = strawberry.field(description="-100 to 100; defined on 1-7 alone.")
    normalised: float | None = strawberry.field(description="0 to 100, where 100 is no effort.")
    scale_min: int | None = strawberry.field(description="Null where the responses mix scales.")
    scale_max: int | None
    direction: str | None = strawberry.field(
        description="The scale's: UP where a high score means little effort."
    )
    respondents: int = strawberry.field(description="Known persons, and each answer without one.")
    dismissed: int
    invalid: int
    distribution: list[EffortScoreCount] = strawberry.field(
        description="Ascending; scores nobody gave are left out; empty where the responses mix scales."
    )
    parts: strawberry.Private[list[EffortScoreInstrument]]

    @strawberry.field(description="By instrument and scale; one instrument alone where it is named.")
    def by_instrument(self, instrument: str | None = None) -> list[EffortScoreInstrument]:
        return [part for part in self.parts if instrument in (None, part.instrument)]

    @classmethod
    def of(cls, value: StoredValue | None) -> Self | None:
        """The typed form of a stored value of ``ces.effort_score``."""
        if value is None:
            return None
        return result(
            cls,
            value,
            distribution=_distribution(value.details),
            unit=value.unit,
            good=value.direction and value.direction.value,
            normalised=value.normalised,
            parts=[_part(contribution, value.details) for contribution in value.contributions],
            **{name: value.details[name] for name in FROM_DETAILS},
        )


FROM_DETAILS = (
    "variant",
    "note",
    "mean",
    "top_box_share",
    "net",
    "scale_min",
    "scale_max",
    "direction",
    "respondents",
    "dismissed",
    "invalid",
)


def _distribution(details: Mapping[str, Any]) -> list[EffortScoreCount]:
    counts = {
        int(name.removeprefix(SCORE_PREFIX)): count
        for name, count in details.items()
        if name.startswith(SCORE_PREFIX)
    }
    return [EffortScoreCount(score=score, count=counts[score]) for score in sorted(counts)]


def _part(contribution: Mapping[str, Any], details: Mapping[str, Any]) -> EffortScoreInstrument:
    group = Group.of_key(contribution["key"])
    return EffortScoreInstrument(
        instrument=group.instrument,
        scale_min=group.scale.low,
        scale_max=group.scale.high,
        direction=group.scale.direction,
        value=contribution.get("value"),
        points=contribution.get("points"),
        n=contribution["n"],
        top_box_share=details[f"top_box_share:{group.key}"],
    )


@strawberry.type
class EffortScoreQuery:
    @strawberry.field(
        description="The tenant's customer effort score on a day; the newest where none is given."
    )
    def effort_score(self, info: strawberry.Info, on: date | None = None) -> EffortScore | None:
        return EffortScore.of(stored(info, METRIC, TENANT, on))


@strawberry.type
class EffortScoreAccountFields:
    @strawberry.field(
        description="The account's customer effort score on a day; the newest where none is given."
    )
    def effort_score(self: AccountNode, info: strawberry.Info, on: date | None = None) -> EffortScore | None:
        return EffortScore.of(stored(info, METRIC, account(self.pk), on))
