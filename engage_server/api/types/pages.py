"""Pages of lists: one form for all of them, the connections of Relay, with opaque cursors."""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import strawberry

from engage_server.api.exceptions import BadUserInputError
from engage_server.api.ids import Key, cursor

MOST_ON_A_PAGE: Final = 100
Row = TypeVar("Row")
NodeT = TypeVar("NodeT")


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[NodeT]):
    cursor: str
    node: NodeT


@strawberry.type(description="A page of a list.")
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]]
    page_info: PageInfo


def connection(
    found: Sequence[Row],
    *,
    of: str,
    first: int,
    after: str | None,
    key: Callable[[Row], Key],
    nodes: Callable[[Sequence[Row]], Sequence[NodeT]],
) -> Connection[NodeT]:
    """The page that begins where ``found`` does.

    Args:
        found: the rows behind ``after`` in their order, one more than ``first`` where there are as many.
        of: the list's name, which its cursors bear.
        first: size of the page.
        after: the cursor that was passed.
        key: by what a row is found again.
        nodes: makes the nodes of the page's rows, in their order.
    """
    rows = found[:first]
    edges = [
        Edge(cursor=cursor(key(row), of=of), node=node) for row, node in zip(rows, nodes(rows), strict=True)
    ]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=len(found) > first,
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )


def page_size(first: int) -> int:
    """``first``, if it is a page size.

    Raises:
        BadUserInputError: it is not.
    """
    if not 1 <= first <= MOST_ON_A_PAGE:
        raise BadUserInputError(f"first is {first}. Remedy: ask for 1 to {MOST_ON_A_PAGE} and turn the page.")
    return first
