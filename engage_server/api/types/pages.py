"""Pages of lists: one form for all of them, the connections of Relay, with opaque cursors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import strawberry
from django.db.models import Model, QuerySet

from engage_server.api.exceptions import BadUserInputError
from engage_server.api.ids import Key, cursor, row_before, text_before

MOST_ON_A_PAGE: Final = 100
USUAL_PAGE: Final = 20
Row = TypeVar("Row")
RowOfTable = TypeVar("RowOfTable", bound=Model)
KeyT = TypeVar("KeyT", int, str)
NodeT = TypeVar("NodeT")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether the list goes on behind the page.")
    has_previous_page: bool = strawberry.field(description="Whether there is something before the page.")
    start_cursor: str | None = strawberry.field(description="Of the first edge; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="Of the last edge: `after` of the next page; null on an empty page."
    )


@strawberry.type(description="A place in a list, and what stands there.")
class Edge(Generic[NodeT]):
    cursor: str = strawberry.field(description="Names the place in this list and order; opaque.")
    node: NodeT = strawberry.field(description="What stands there.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]] = strawberry.field(description="What the page holds, in the list's order.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")
    count: strawberry.Private[Callable[[], int] | None]

    @strawberry.field(
        description="How many there are on all pages, counted where it is asked for; null for timelines."
    )
    def total_count(self) -> int | None:
        return None if self.count is None else self.count()


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for: ``size`` rows behind a cursor, or before it where the list is read backwards."""

    size: int
    cursor: str | None = None
    is_backwards: bool = False


def page_request(
    first: int | None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    *,
    most: int = MOST_ON_A_PAGE,
) -> PageRequest:
    """The page of a connection's arguments; ``last`` is instead of ``first``.

    Raises:
        BadUserInputError: the size is none, or a cursor stands for the other way.
    """
    if last is None:
        if before is not None:
            raise BadUserInputError(
                "before goes with last. Remedy: say how many, or turn forward with first and after."
            )
        size = USUAL_PAGE if first is None else page_size(first, most=most)
        return PageRequest(size, after)
    if after is not None:
        raise BadUserInputError(
            "after goes with first. Remedy: leave last out, or turn back with last and before."
        )
    return PageRequest(page_size(last, most=most, name="last"), before, is_backwards=True)


def page(
    found: Sequence[Row],
    *,
    of: str,
    asked: PageRequest,
    key: Callable[[Row], Key],
    nodes: Callable[[Sequence[Row]], Sequence[NodeT]],
    count: Callable[[], int] | None,
) -> Connection[NodeT]:
    """The page that was asked for.

    Args:
        found: the rows behind the cursor (or before it) in the list's order, one more than asked for where there are as
            many: the last, or read backwards the first.
        of: the list's name, which its cursors bear.
        asked: which page it is.
        key: by what a row is found again.
        nodes: makes the nodes of the page's rows, in their order.
        count: counts the whole list; None where that would read too much.
    """
    goes_on = len(found) > asked.size
    rows = found[-asked.size :] if asked.is_backwards else found[: asked.size]
    edges = [
        Edge(cursor=cursor(key(row), of=of), node=node) for row, node in zip(rows, nodes(rows), strict=True)
    ]
    came_from = asked.cursor is not None
    return Connection(
        count=count,
        edges=edges,
        page_info=PageInfo(
            has_next_page=came_from if asked.is_backwards else goes_on,
            has_previous_page=goes_on if asked.is_backwards else came_from,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )


def listed(
    rows: Sequence[Row],
    *,
    of: str,
    asked: PageRequest,
    key: Callable[[Row], Key],
    nodes: Callable[[Sequence[Row]], Sequence[NodeT]],
) -> Connection[NodeT]:
    """The page of a list that is read as a whole; see ``page``. Its total is counted.

    Raises:
        BadUserInputError: what the cursor names is not in the list.
    """
    found = rows
    if asked.cursor is not None:
        wanted = text_before(asked.cursor, of=of)
        place = next((place for place, row in enumerate(rows) if str(key(row)) == wanted), None)
        if place is None:
            raise BadUserInputError(
                "The list has changed, and what the cursor names is no part of it any more. "
                "Remedy: begin again without it."
            )
        found = rows[:place] if asked.is_backwards else rows[place + 1 :]
    found = found[-asked.size - 1 :] if asked.is_backwards else found[: asked.size + 1]
    return page(found, of=of, asked=asked, key=key, nodes=nodes, count=lambda: len(rows))


def numbered(
    rows: Sequence[Row],
    *,
    of: str,
    asked: PageRequest,
    nodes: Callable[[Sequence[Row]], Sequence[NodeT]],
    key: Callable[[Row], KeyT] = attrgetter("number"),
    place: Callable[..., Any] = row_before,
    is_newest_first: bool = False,
) -> Connection[NodeT]:
    """The page of a list that is read as a whole, in the order of its numbers: rows that come or go move no page.

    Args:
        rows: all of the list, in its order; the highest number first where ``is_newest_first``.
        of: as in ``page``, like all others.
        asked: which page.
        nodes: of the page's rows.
        key: a row's number, or whatever orders the list.
        place: reads it out of a cursor.
        is_newest_first: whether the order is a falling one.
    """
    found = rows
    if asked.cursor is not None:
        mark = place(asked.cursor, of=of)
        is_below = asked.is_backwards != is_newest_first
        found = [row for row in rows if (key(row) < mark if is_below else key(row) > mark)]
    found = found[-asked.size - 1 :] if asked.is_backwards else found[: asked.size + 1]
    return page(found, of=of, asked=asked, key=key, nodes=nodes, count=lambda: len(rows))


def queried(
    rows: QuerySet[RowOfTable],
    *,
    of: str,
    asked: PageRequest,
    nodes: Callable[[Sequence[RowOfTable]], Sequence[NodeT]],
    count: Callable[[], int] | None,
    field: str = "pk",
    is_newest_first: bool = False,
) -> Connection[NodeT]:
    """The page of what a query finds, in the order of a column that no two rows have alike; see ``page``.

    Only the page's rows are read, and rows that come or go move no page.
    """
    is_falling = asked.is_backwards != is_newest_first
    if asked.cursor is not None:
        lookup = f"{field}__lt" if is_falling else f"{field}__gt"
        rows = rows.filter(**{lookup: row_before(asked.cursor, of=of)})
    found = list(rows.order_by(f"-{field}" if is_falling else field)[: asked.size + 1])
    if asked.is_backwards:
        found.reverse()
    return page(found, of=of, asked=asked, key=attrgetter(field), nodes=nodes, count=count)


def page_size(first: int, *, most: int = MOST_ON_A_PAGE, name: str = "first") -> int:
    """``first``, if it is a page size.

    Raises:
        BadUserInputError: it is not.
    """
    if not 1 <= first <= most:
        raise BadUserInputError(f"{name} is {first}. Remedy: ask for 1 to {most:,} and turn the page.")
    return first
