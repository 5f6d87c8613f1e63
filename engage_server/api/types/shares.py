"""Shares in GraphQL: pages and calendars for whoever has the address."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
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
from engage_server.automation import shares as stored
from engage_server.automation.shares import ShareKind
from engage_server.operations import shares as operations
from engage_server.sdk.graphql import expose_enum

SHARE: Final = "Share"
expose_enum(
    ShareKind, name="ShareKind",
    description="ACCOUNT is a customer's own page, CALENDAR the days on which paid subscriptions renew.",
)  # fmt: skip


@strawberry.type(name=SHARE, description="What whoever has its address may see; see docs/reports.md.")
class ShareNode(Node):
    kept: strawberry.Private[stored.Share]
    name: str
    kind: ShareKind
    metrics: list[strawberry.ID] = strawberry.field(description="Full ids; nothing else is shown.")
    goals: bool = strawberry.field(description="Whether the account's goals are shown.")
    language: str
    ends_on: date | None = strawberry.field(description="The first day on which it is not shown any more.")

    @strawberry.field(
        description="Its secret address, below this server's root: whoever has it sees what is shared, until it is revoked.",
        extensions=[requires(Permission.AUTOMATION_WRITE), requires(Permission.METRICS_READ)],
    )
    def address(self) -> str:
        return stored.path_of(self.kept)

    @classmethod
    def of(cls, one: stored.Share, context: Context) -> Self:
        """The node of a share of the context's tenant."""
        body = one.body
        return cls(
            id=strawberry.ID(ids.global_id(SHARE, tenant_id=context.tenant.id, pk=one.number)),
            kept=one,
            name=one.name,
            kind=body.kind,
            metrics=[strawberry.ID(one) for one in body.metrics],
            goals=body.goals,
            language=body.language,
            ends_on=body.ends_on,
        )


@strawberry.input(description="What is to be shared.")
class CreateShareInput(WriteInput):
    name: str
    kind: ShareKind
    account: strawberry.ID | None = None
    metrics: list[str] = strawberry.field(default_factory=list)
    goals: bool = False
    language: str = "en"
    ends_on: date | None = None


@strawberry.type(description="The share that was written.")
class SharePayload(WritePayload):
    share: ShareNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class ShareQuery:
    @strawberry.field(
        description="What is shared by secret addresses, in the order in which it was made.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def shares(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ShareNode]:
        return numbered(
            stored.shares(),
            of="shares",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [ShareNode.of(one, info.context) for one in page],
        )


@strawberry.type
class ShareMutation:
    @strawberry.mutation(
        description="Show chosen metrics and goals of an account, or the renewals, to whoever has the address.",
        extensions=[requires(Permission.AUTOMATION_WRITE), requires(Permission.METRICS_READ)],
    )
    def create_share(self, info: Info, input: CreateShareInput) -> SharePayload:
        account = None if input.account is None else account_subject(info.context, input.account).id
        given: dict[str, Any] = {
            "kind": input.kind,
            "account": account,
            "metrics": [plain(metric) for metric in input.metrics],
            "goals": input.goals,
            "language": plain(input.language),
            "ends_on": input.ends_on,
        }
        return _carry_out(info, input, lambda: operations.create_share(plain(input.name), given))

    @strawberry.mutation(
        description="End a share at once: its address shows nothing any more.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def revoke_share(self, info: Info, input: IdInput) -> SharePayload:
        return _carry_out(info, input, lambda: operations.revoke_share(_number(info.context, input.id)))


def _carry_out(info: Info, given: WriteInput, change: Callable[[], stored.Share]) -> SharePayload:
    return SharePayload(
        **carry_out_defined(info, given, change, name="share", node=ShareNode.of, stored=stored.shares)
    )


def _number(context: Context, id: str) -> int:
    number = ids.row_of(id, type_name=SHARE, tenant_id=context.tenant.id)
    # One of another tenant's takes as long as one that nobody has.
    known = {one.number for one in stored.shares()}
    if number is None or number not in known:
        raise BadUserInputError(f"There is no share {id!r}. Remedy: `shares {{ id }}` lists those there are.")
    return number
