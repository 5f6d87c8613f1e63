"""What ingest refused, in GraphQL: the items with their reasons, and their replay."""

from datetime import datetime

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.subjects import page_size, plain
from engage_server.ingest import quarantine_room, replay
from engage_server.ingest.models import QuarantinedItem

ITEM = "QuarantinedItem"


@strawberry.type(name=ITEM, description="An item that was refused, and why.")
class QuarantinedItemNode:
    id: strawberry.ID
    code: str = strawberry.field(description="Why it was refused, for programs.")
    message: str = strawberry.field(description="Why it was refused, and the remedy.")
    source: str
    protocol: str = strawberry.field(description="The tracking protocol by which it came.")
    received_at: datetime
    payload: str | None = strawberry.field(
        description="The item as it came, without its key; null without `personal:read`."
    )


@strawberry.type(description="A page of refused items, the oldest first.")
class QuarantinePage:
    items: list[QuarantinedItemNode]
    end_cursor: str | None = strawberry.field(description="Pass it as `after`; null on the last page.")

    @strawberry.field(description="Whether what is refused now finds no room here and is not kept.")
    def is_full(self) -> bool:
        return quarantine_room.is_full()


@strawberry.type(description="What became of the items that were read again.")
class QuarantineReplayed:
    stored: int
    duplicates: int = strawberry.field(description="Had been stored meanwhile, and left the quarantine.")
    kept: int = strawberry.field(description="Still cannot be taken, and stay.")
    end_cursor: str | None = strawberry.field(
        description="Pass it as `after` to go on behind these items; null where there are no more."
    )


@strawberry.type
class QuarantineQuery:
    @strawberry.field(
        description="Items that ingest refused, the oldest first, 1 to 100 a page; of one `code` if named.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def quarantine(
        self, info: Info, first: int, after: str | None = None, code: str | None = None
    ) -> QuarantinePage:
        page, end_cursor = _page(first=first, after=after, code=code)
        return QuarantinePage(items=[_node(item, info.context) for item in page], end_cursor=end_cursor)


@strawberry.type
class QuarantineMutation:
    @strawberry.mutation(
        description="Read refused items again, by the path that they came: these (at most 100), or the first 1 to 100 "
        "of a `code` (default: of all) behind `after`. What can be taken now is stored and leaves.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def replay_quarantine(
        self,
        info: Info,
        ids: list[strawberry.ID] | None = None,
        code: str | None = None,
        first: int = 100,
        after: str | None = None,
    ) -> QuarantineReplayed:
        if ids is None:
            page, end_cursor = _page(first=first, after=after, code=code)
            chosen = [item.pk for item in page]
        elif code is not None or after is not None:
            raise BadUserInputError("`ids` goes with neither `code` nor `after`. Remedy: one or the other.")
        else:
            chosen, end_cursor = _rows(ids, info.context), None
        done = replay.replay(QuarantinedItem.objects.filter(pk__in=chosen).order_by("id"))
        return QuarantineReplayed(
            stored=done.stored, duplicates=done.duplicates, kept=done.kept, end_cursor=end_cursor
        )


def _page(*, first: int, after: str | None, code: str | None) -> tuple[list[QuarantinedItem], str | None]:
    size = page_size(first)
    found = replay.quarantined(code=plain(code or ""))
    if after is not None:
        found = found.filter(pk__gt=ids.row_before(after))
    rows = list(found[: size + 1])
    page = rows[:size]
    return page, ids.cursor(page[-1].pk) if len(rows) > size else None


def _rows(wanted: list[strawberry.ID], context: Context) -> list[int]:
    page_size(len(wanted))
    rows = [ids.row_of(one, type_name=ITEM, tenant_id=context.tenant.id) for one in wanted]
    if None in rows:
        raise BadUserInputError(
            "One of `ids` names no item here. Remedy: pass the `id` of items of `quarantine`."
        )
    return [row for row in rows if row is not None]


def _node(item: QuarantinedItem, context: Context) -> QuarantinedItemNode:
    return QuarantinedItemNode(
        id=strawberry.ID(ids.global_id(ITEM, tenant_id=context.tenant.id, pk=item.pk)),
        code=item.code,
        message=item.message,
        source=item.source,
        protocol=item.protocol,
        received_at=item.received_at,
        payload=item.payload if context.principal.may(Permission.PERSONAL_READ) else None,
    )
