"""Which groups thrive and which are at risk, in GraphQL."""

from typing import Any, Self

import strawberry

from engage_server.api.types.circular import LazyValue
from engage_server.metrics import group_comparison
from engage_server.metrics.group_comparison import ComparedGroup, GroupState
from engage_server.sdk.graphql import expose_enum

expose_enum(
    GroupState,
    name="GroupState",
    description="How a group lies to all others together. "
    + " ".join(f"{state.value}: {text}" for state, text in group_comparison.DESCRIPTIONS.items()),
)


@strawberry.type(description="A group of a dimension, against all its other groups together.")
class GroupComparison:
    group: str
    state: GroupState
    value: LazyValue
    others: float | None = strawberry.field(
        description="The mean of the other groups' values by sample size."
    )
    difference: float | None = strawberry.field(description="The value less `others`.")
    low: float | None = strawberry.field(description="Lower bound of the difference at 95%.")
    high: float | None = strawberry.field(description="Upper bound of the difference at 95%.")
    p_adjusted: float | None = strawberry.field(
        description="How often chance alone gives such a difference, corrected for all groups that were tested."
    )

    @classmethod
    def of(cls, one: ComparedGroup, value: Any) -> Self:
        """The GraphQL form of a compared group with its value."""
        return cls(
            group=one.group,
            state=one.state,
            value=value,
            others=one.others,
            difference=one.difference,
            low=one.low,
            high=one.high,
            p_adjusted=one.p_adjusted,
        )
