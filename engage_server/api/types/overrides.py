"""Overrides in GraphQL: what people set in place of computed values, setting and ending it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import requires
from engage_server.api.types.accounts import Account
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.subjects import account_subject, plain
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out_defined,
)
from engage_server.customers import models
from engage_server.definitions.exceptions import UnknownDefinitionError
from engage_server.metrics import overrides as catalogue
from engage_server.operations import overrides as operations

OVERRIDE = "Override"


@strawberry.type(name=OVERRIDE, description="What somebody set in place of a metric's value of an account.")
class OverrideNode(Node):
    external_id: strawberry.Private[str]
    metric: strawberry.ID = strawberry.field(description="Full id of the metric.")
    value: float
    only_lower: bool = strawberry.field(description="Whether it lowers what is computed and never raises it.")
    reason: str
    author: str = strawberry.field(description="Who set it as it is, as in the audit log.")
    starts_on: date = strawberry.field(description="The first day on which it holds.")
    ends_on: date = strawberry.field(description="The first day on which it does not hold any more.")
    created_at: datetime = strawberry.field(description="When this version was written.")

    @strawberry.field(
        description="The account whose value it is; null where it is not there any more.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def account(self, info: Info) -> Account | None:
        row = info.context.accounts.named(self.external_id)
        return None if row is None else Account.of(row, info.context)

    @classmethod
    def of(cls, one: catalogue.Override, context: Context) -> Self:
        """The node of an override of the context's tenant."""
        body = one.body
        return cls(
            id=strawberry.ID(ids.global_id(OVERRIDE, tenant_id=context.tenant.id, pk=one.number)),
            external_id=body.account,
            metric=strawberry.ID(body.metric),
            value=body.value,
            only_lower=body.only_lower,
            reason=body.reason,
            author=one.author,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            created_at=one.created_at,
        )


@strawberry.type
class OverrideQuery:
    @strawberry.field(
        description="What people set in place of computed values, in the order in which it was set: of a "
        "metric, and as far as it holds on a day, where they are given.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def overrides(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        *,
        metric: strawberry.ID | None = None,
        on: date | None = None,
    ) -> Connection[OverrideNode]:
        found = [
            one
            for one in catalogue.overrides()
            if (metric is None or one.body.metric == metric)
            and (on is None or one.body.starts_on <= on < one.body.ends_on)
        ]
        return numbered(
            found,
            of="overrides",
            asked=page_request(first, after, last, before),
            nodes=lambda page: _nodes(page, info.context),
        )


@strawberry.input(description="A value in place of what a metric computes for an account.")
class SetOverrideInput(WriteInput):
    metric: strawberry.ID
    account: strawberry.ID
    value: float
    reason: str
    until: date = strawberry.field(description="The first day on which it does not hold any more.")
    from_: date | None = strawberry.field(
        name="from", default=None, description="The first day on which it holds; default: today."
    )
    only_lower: bool = strawberry.field(
        default=False, description="Whether it lowers what is computed and never raises it."
    )


@strawberry.input(description="An override that holds no longer.")
class EndOverrideInput(IdInput):
    on: date | None = strawberry.field(
        default=None, description="The first day on which it does not hold any more; default: today."
    )


@strawberry.type(description="The override that was written.")
class OverridePayload(WritePayload):
    override: OverrideNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class OverrideMutation:
    @strawberry.mutation(
        description="Set a value in place of what a metric computes for an account; one of the same first day is "
        "replaced. Past days are computed again.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def set_override(self, info: Info, input: SetOverrideInput) -> OverridePayload:
        subject = account_subject(info.context, input.account)
        account = models.Account.objects.values_list("external_id", flat=True).get(pk=subject.id)

        def change() -> catalogue.Override:
            return operations.set_override(
                plain(input.metric),
                account,
                input.value,
                reason=plain(input.reason),
                ends_on=input.until,
                starts_on=input.from_,
                only_lower=input.only_lower,
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Let an override hold no longer.", extensions=[requires(Permission.CONFIG_WRITE)]
    )
    def end_override(self, info: Info, input: EndOverrideInput) -> OverridePayload:
        number = ids.row_of(input.id, type_name=OVERRIDE, tenant_id=info.context.tenant.id)
        if number is None:
            raise UnknownDefinitionError(
                f"There is no override {input.id!r}. Remedy: `overrides` lists those there are, with their ids."
            )
        return _carry_out(info, input, lambda: operations.end_override(number, input.on))


def _carry_out(info: Info, given: WriteInput, change: Callable[[], catalogue.Override]) -> OverridePayload:
    return OverridePayload(
        **carry_out_defined(
            info, given, change, name="override", node=OverrideNode.of, stored=catalogue.overrides
        )
    )


def overrides_of(context: Context, numbers: Sequence[int]) -> dict[int, Node]:
    """The overrides of these numbers, by number."""
    found = [one for one in catalogue.overrides() if one.number in numbers]
    return {one.number: node for one, node in zip(found, _nodes(found, context), strict=True)}


def _nodes(found: Sequence[catalogue.Override], context: Context) -> list[OverrideNode]:
    """The nodes of overrides, whose accounts are then read together."""
    context.accounts.expect_named(one.body.account for one in found)
    return [OverrideNode.of(one, context) for one in found]
