"""The sources of events in GraphQL: on which side of the wire they are, and whether they count."""

from typing import Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.activity import models
from engage_server.activity.exceptions import ActivityError
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.pages import USUAL_PAGE, Connection, page_request, queried
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    WriteInput,
    WritePayload,
    carry_out_one,
)
from engage_server.operations import sources
from engage_server.sdk.graphql import expose_enum

expose_enum(
    models.Source.Side,
    name="SourceSide",
    description="SERVER: the tenant's own code. CLIENT: browsers and apps, whose key is no secret.",
)
expose_enum(
    models.Source.Environment,
    name="SourceEnvironment",
    description="TEST: what comes in is checked and shown, and counts nowhere.",
)


@strawberry.type(name="Source", description="Where events come from; ingest keys and imports name it.")
class SourceNode:
    name: str
    side: models.Source.Side
    environment: models.Source.Environment

    @classmethod
    def of(cls, source: models.Source) -> Self:
        """The node of a source."""
        return cls(
            name=source.name,
            side=models.Source.Side(source.side),
            environment=models.Source.Environment(source.environment),
        )


@strawberry.type
class SourceQuery:
    @strawberry.field(
        description="Sources in the order in which they came up.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def sources(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[SourceNode]:
        return queried(
            models.Source.objects.all(),
            of="sources",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [SourceNode.of(source) for source in page],
            count=models.Source.objects.count,
        )


@strawberry.input(description="A source, and what it is; what is left out stays.")
class UpdateSourceInput(WriteInput):
    name: str
    side: models.Source.Side | None = None
    environment: models.Source.Environment | None = None


@strawberry.type(description="The source that was written.")
class SourcePayload(WritePayload):
    source: SourceNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class SourceMutation:
    @strawberry.mutation(
        description="Say what a source is. The environment is said before the first event.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_source(self, info: Info, input: UpdateSourceInput) -> SourcePayload:
        def change() -> models.Source:
            try:
                return sources.set_source(plain(input.name), side=input.side, environment=input.environment)
            except ActivityError as error:
                raise BadUserInputError(str(error)) from None

        return SourcePayload(
            **carry_out_one(
                info,
                input,
                change,
                name="source",
                node=SourceNode.of,
                again=lambda pk: models.Source.objects.filter(pk=pk).first(),
            )
        )
