"""Dimensions of accounts in GraphQL: tracked ones have a segment for each value, whose metrics are computed by schedule."""

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.permissions import requires
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out
from engage_server.operations import dimensions
from engage_server.operations.writes import Facts


@strawberry.input(description="A dimension of accounts, whose values are segments.")
class DimensionInput(WriteInput):
    dimension: str = strawberry.field(description="`plan`, `stage`, or the name of a trait of accounts.")


@strawberry.type(description="How many segments a dimension has.")
class DimensionPayload(WritePayload):
    @strawberry.field(description="Those whose metrics are computed by schedule now, or are no more.")
    def count(self) -> int:
        return self.number("count")


@strawberry.type
class DimensionMutation:
    @strawberry.mutation(
        description="Make a tracked segment of each value of a dimension, those that come later too: its metrics are "
        "computed by schedule.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def track_dimension(self, info: Info, input: DimensionInput) -> DimensionPayload:
        def change() -> Facts:
            return {"count": dimensions.track_dimension(plain(input.dimension))}

        return DimensionPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Compute no more metrics of a dimension's values; its segments and what is stored of them stay.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def untrack_dimension(self, info: Info, input: DimensionInput) -> DimensionPayload:
        def change() -> Facts:
            return {"count": dimensions.untrack_dimension(plain(input.dimension))}

        return DimensionPayload(**carry_out(info, input, change))
