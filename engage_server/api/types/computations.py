"""Computations in GraphQL: questions that take longer than a request, how far they are, and what came of them."""

from datetime import date, datetime
from operator import itemgetter
from typing import Final, Self
from uuid import UUID

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import requires
from engage_server.api.types.compute_input import ComputeInput
from engage_server.api.types.metrics import ComputedValue
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    WriteInput,
    WritePayload,
    carry_out_one,
)
from engage_server.engine import computations, models
from engage_server.engine.exceptions import UnknownComputationError
from engage_server.engine.tasks import start_computation
from engage_server.sdk.graphql import expose_enum

COMPUTATION: Final = "Computation"
expose_enum(
    models.Computation.State,
    name="ComputationState",
    description="PENDING waits for a worker; DONE and FAILED are final.",
)


@strawberry.type(description="A question that a worker answers, kept for 30 days.")
class Computation(Node):
    metric: strawberry.ID
    from_: date = strawberry.field(name="from")
    to: date
    state: models.Computation.State
    done: int = strawberry.field(description="Days that are answered.")
    total: int = strawberry.field(description="Days that were asked for.")
    author: str = strawberry.field(description="Who asked, as in the audit log.")
    created_at: datetime
    finished_at: datetime | None
    code: str | None = strawberry.field(description="Of what it failed of; null where it did not.")
    error: str | None
    kept: strawberry.Private[computations.Kept]

    @strawberry.field(
        description="What was answered so far, day by day, of each day all groups; 1 to 100 a page."
    )
    def values(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ComputedValue]:
        return numbered(
            list(enumerate(self.kept.values, start=1)),
            of="computationValues",
            asked=page_request(first, after, last, before),
            key=itemgetter(0),
            nodes=lambda page: [ComputedValue.of(one, info.context) for _, one in page],
        )

    @classmethod
    def of(cls, kept: computations.Kept, context: Context) -> Self:
        """The node of a computation of the context's tenant."""
        row, question = kept.row, kept.question
        return cls(
            id=strawberry.ID(ids.global_id(COMPUTATION, tenant_id=context.tenant.id, pk=row.id)),
            metric=strawberry.ID(question.metric),
            from_=question.first,
            to=question.last,
            state=models.Computation.State(row.state),
            done=row.done,
            total=row.total,
            author=row.author,
            created_at=row.created_at,
            finished_at=row.finished_at,
            code=row.code or None,
            error=row.error or None,
            kept=kept,
        )


def computation_node(context: Context, number: UUID) -> Computation | None:
    """The computation of this number; None where there is none, or it names persons to who may not see them."""
    try:
        kept = computations.computation(number)
    except UnknownComputationError:
        return None
    hidden = kept.question.names_persons and not context.principal.may(Permission.PERSONAL_READ)
    return None if hidden else Computation.of(kept, context)


@strawberry.type
class ComputationQuery:
    @strawberry.field(
        description="What `startComputation` has started.", extensions=[requires(Permission.METRICS_READ)]
    )
    def computation(self, info: Info, id: strawberry.ID) -> Computation:
        return Computation.of(_found(info.context, id), info.context)


@strawberry.input(description="What a worker is to compute.")
class StartComputationInput(WriteInput):
    metric: strawberry.ID
    of: ComputeInput


@strawberry.type(description="The computation that was begun.")
class ComputationPayload(WritePayload):
    computation: Computation | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class ComputationMutation:
    @strawberry.mutation(
        description="Have a worker compute what takes longer than a request: at most "
        f"{computations.MOST_DAYS} days and {computations.MOST_VALUES:,} values. Nothing of the tenant's is changed.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def start_computation(self, info: Info, input: StartComputationInput) -> ComputationPayload:
        info.context.metric(input.metric)
        question = input.of.question(info.context, input.metric, most_days=computations.MOST_DAYS)
        return ComputationPayload(
            **carry_out_one(
                info,
                input,
                lambda: computations.computation(start_computation(question).id),
                name="computation",
                node=lambda kept: Computation.of(kept, info.context),
                fact=lambda kept: str(kept.row.id),
                again=lambda id: _kept(UUID(id)),
            )
        )


def _kept(number: UUID) -> computations.Kept | None:
    try:
        return computations.computation(number)
    except UnknownComputationError:
        return None


def _found(context: Context, id: str) -> computations.Kept:
    number = ids.uuid_of(id, type_name=COMPUTATION, tenant_id=context.tenant.id)
    if number is None:
        raise UnknownComputationError(
            f"{id!r} is no computation. Remedy: the id that `startComputation` gave."
        )
    kept = computations.computation(number)
    if kept.question.names_persons:
        context.principal.require(Permission.PERSONAL_READ)
    return kept
