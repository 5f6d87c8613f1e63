"""What ingest refused, in GraphQL: the items with their reasons, and their replay."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.ids import cursor
from engage_server.api.permissions import requires
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, page_request, page_size, queried
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    WriteInput,
    WritePayload,
    carry_out,
)
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.quarantine import quota
from engage_server.ingest.quarantine.store import find_items
from engage_server.operations.quarantine import discard_items, replay_items
from engage_server.operations.writes import Facts

ITEM = "QuarantinedItem"


@strawberry.type(name=ITEM, description="An item that was refused, and why.")
class QuarantinedItemNode(Node):
    code: str = strawberry.field(description="Why it was refused, for programs.")
    message: str = strawberry.field(description="Why it was refused, and the remedy.")
    source: str
    protocol: str = strawberry.field(description="The tracking protocol by which it came.")
    received_at: datetime
    payload: str | None = strawberry.field(
        description="The item as it came, without its key; null without `personal:read`."
    )


@strawberry.type(name=f"{ITEM}Connection", description="A page of refused items.")
class QuarantinedItemConnection(Connection[QuarantinedItemNode]):
    @strawberry.field(description="Whether what is refused now finds no room here and is not kept.")
    def is_full(self) -> bool:
        return quota.is_full()


@strawberry.input(
    description="Which refused items are read again: these, or the first of a code (default: of all) behind `after`."
)
class ReplayQuarantineInput(WriteInput):
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="At most 100.")
    code: str | None = strawberry.field(default=None, description="Refused for this reason.")
    first: int = strawberry.field(default=100, description="1 to 100.")
    after: str | None = strawberry.field(default=None, description="The `endCursor` of the replay before.")


@strawberry.type(description="What became of the items that were read again.")
class QuarantineReplayPayload(WritePayload):
    @strawberry.field
    def stored(self) -> int:
        return self.number("stored")

    @strawberry.field(description="Had been stored meanwhile, and left the quarantine.")
    def duplicates(self) -> int:
        return self.number("duplicates")

    @strawberry.field(description="Still cannot be taken, and stay.")
    def kept(self) -> int:
        return self.number("kept")

    @strawberry.field(
        description="Pass it as `after` to go on behind these items; null where there are no more."
    )
    def end_cursor(self) -> str | None:
        return None if self.written.facts["last"] is None else cursor(self.number("last"), of="quarantine")


@strawberry.type
class QuarantineQuery:
    @strawberry.field(
        description="Items that ingest refused, the oldest first; of one `code` if named.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def quarantine(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        code: str | None = None,
    ) -> QuarantinedItemConnection:
        found = find_items(code=plain(code or ""))
        page = queried(
            found,
            of="quarantine",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [item_node(item, info.context) for item in page],
            count=found.count,
        )
        return QuarantinedItemConnection(edges=page.edges, page_info=page.page_info, count=page.count)


@strawberry.input(
    description="Which refused items are deleted: what is given holds together; one of both is needed."
)
class DiscardQuarantineInput(WriteInput):
    code: str | None = strawberry.field(default=None, description="Refused for this reason.")
    source: str | None = strawberry.field(default=None, description="That came from this source.")


@strawberry.type(description="What was deleted.")
class DiscardedPayload(WritePayload):
    @strawberry.field(description="Items; with `dryRun` those that would be.")
    def discarded(self) -> int:
        return self.number("discarded")


@strawberry.type
class QuarantineMutation:
    @strawberry.mutation(
        description="Read refused items again, by the path that they came: these (at most 100), or the first 1 to 100 "
        "of a `code` (default: of all) behind `after`. What can be taken now is stored and leaves.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def replay_quarantine(self, info: Info, input: ReplayQuarantineInput) -> QuarantineReplayPayload:
        def change() -> Facts:
            chosen, last = _chosen(input, info.context)
            done = replay_items(QuarantinedItem.objects.filter(pk__in=chosen).order_by("id"))
            return {"stored": done.stored, "duplicates": done.duplicates, "kept": done.kept, "last": last}

        return QuarantineReplayPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Delete what ingest refused, for good; `dryRun` says how much that is.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def discard_quarantine(self, info: Info, input: DiscardQuarantineInput) -> DiscardedPayload:
        code, source = plain(input.code or ""), plain(input.source or "")
        if not code and not source:
            raise BadUserInputError("Nothing is named. Remedy: `code`, `source` or both.")

        def change() -> Facts:
            return {"discarded": discard_items(find_items(code=code, source=source))}

        return DiscardedPayload(**carry_out(info, input, change))


def _chosen(asked: ReplayQuarantineInput, context: Context) -> tuple[list[int], int | None]:
    """The keys of the items, and the last of them where there are more behind it."""
    if asked.ids is None:
        found = _found(first=asked.first, after=asked.after, code=asked.code)
        chosen = [item.pk for item in found[: asked.first]]
        return chosen, chosen[-1] if len(found) > asked.first else None
    if asked.code is not None or asked.after is not None:
        raise BadUserInputError("`ids` goes with neither `code` nor `after`. Remedy: one or the other.")
    return _rows(asked.ids, context), None


def _found(*, first: int, after: str | None, code: str | None) -> list[QuarantinedItem]:
    """The items behind ``after``, one more than ``first`` where there are as many."""
    found = find_items(code=plain(code or ""))
    if after is not None:
        found = found.filter(pk__gt=ids.row_before(after, of="quarantine"))
    return list(found[: page_size(first) + 1])


def _rows(wanted: list[strawberry.ID], context: Context) -> list[int]:
    page_size(len(wanted))
    rows = [ids.row_of(one, type_name=ITEM, tenant_id=context.tenant.id) for one in wanted]
    if None in rows:
        raise BadUserInputError(
            "One of `ids` names no item here. Remedy: pass the `id` of items of `quarantine`."
        )
    return [row for row in rows if row is not None]


def items_of(context: Context, pks: Sequence[int]) -> dict[int, Node]:
    """The items of these keys, by key."""
    return {item.pk: item_node(item, context) for item in find_items(code="").filter(pk__in=pks)}


def item_node(item: QuarantinedItem, context: Context) -> QuarantinedItemNode:
    """The node of an item of the context's tenant."""
    return QuarantinedItemNode(
        id=strawberry.ID(ids.global_id(ITEM, tenant_id=context.tenant.id, pk=item.pk)),
        code=item.code,
        message=item.message,
        source=item.source,
        protocol=item.protocol,
        received_at=item.received_at,
        payload=item.payload if context.principal.may(Permission.PERSONAL_READ) else None,
    )
