"""Lists of accounts in GraphQL: filtered, ordered and turned page by page in SQL."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any, Final, NamedTuple

from graphql import GraphQLResolveInfo
from graphql_compiled import ReadyJson

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context
from engage_server.api.database_json import lists
from engage_server.api.database_json.lists import Page, may_be_ready
from engage_server.api.database_json.selection import NotReadyError
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.types.account_filters import AccountFilter, AccountOrder, conditions_of, order_of
from engage_server.api.types.accounts import Account
from engage_server.api.types.pages import Connection, PageRequest, page
from engage_server.customers import models
from engage_server.metrics.account_queries import AccountQuery, Key, metrics_of, newest_days

LIST: Final = "accounts"
MOST: Final = 1_000


class _Place(NamedTuple):
    """What a cursor of accounts says: the key behind which to go on, and the days of the metrics that decide."""

    key: Key
    days: dict[str, date | None]


def account_page(
    context: Context,
    asked: PageRequest,
    *,
    where: AccountFilter | None = None,
    order_by: AccountOrder | None = None,
    on: date | None = None,
    info: GraphQLResolveInfo[Any] | None = None,
) -> Connection[Account] | ReadyJson:
    """The accounts of a filter, in an order; values are those of ``on``, or of each metric's newest day.

    ``info`` of the field of the root that asks, whose answer may be JSON at once.

    Raises:
        BadUserInputError: the filter, the order or the cursor means nothing here.
        UnknownMetricError, UnknownSegmentError, NotPermittedError: as ``conditions_of`` and ``order_of``.
    """
    conditions, order = conditions_of(where, context), order_of(order_by, context)
    metrics = metrics_of(conditions, order)
    query = AccountQuery(
        conditions,
        order,
        context.metrics.withholding(metrics),
        hides_names=not context.principal.may(Permission.PERSONAL_READ),
    )
    # Of what was asked, and not of what it comes to: members of a segment may change between two pages.
    digest = sha256(repr((where, order_by, on)).encode()).hexdigest()[:16]
    place = None if asked.cursor is None else _place(asked.cursor, digest, query, metrics)
    if place is not None:
        days = place.days
    elif on is not None:
        days = dict.fromkeys(metrics, on)
    else:
        days = newest_days(metrics)
    query = replace(query, days=days)
    behind = None if place is None else place.key
    if info is not None and context.takes_json and may_be_ready(context.principal):
        with suppress(NotReadyError):
            about = Page(
                cursor=lambda key: ids.cursor(_text(key, days, digest), of=LIST),
                count=query.count,
                size=asked.size,
                has_cursor=asked.cursor is not None,
                is_backwards=asked.is_backwards,
            )
            return lists.account_page(
                info, context.catalogue(), context.tenant.id, query, about, behind=behind
            )
    found = query.page(size=asked.size + 1, behind=behind, backwards=asked.is_backwards)
    return page(
        found,
        of=LIST,
        asked=asked,
        key=lambda row: _text(row[1], days, digest),
        nodes=lambda rows: _nodes([row for row, _ in rows], context),
        count=query.count,
    )


def _nodes(rows: Sequence[models.Account], context: Context) -> list[Account]:
    context.accounts.see(rows)
    return [Account.of(row, context) for row in rows]


def _text(key: Key, days: dict[str, date | None], digest: str) -> str:
    # In the order of the metrics, which the digest fixes.
    return json.dumps(
        [digest, list(key), [None if day is None else day.isoformat() for day in days.values()]],
        separators=(",", ":"),
    )


def _place(cursor: str, digest: str, query: AccountQuery, metrics: Sequence[str]) -> _Place:
    read = _json(ids.text_before(cursor, of=LIST))
    match read:
        case [str(own), list(key), list(days)] if len(days) == len(metrics) or own != digest:
            if own != digest:
                raise BadUserInputError(
                    "The cursor is one of accounts in another order, or with another filter. "
                    "Remedy: begin again without it, or ask as for the page before."
                )
            types = query.key_types()
            if len(key) == len(types) and all(map(_is, key, types)):
                return _Place(tuple(map(_as, key, types)), dict(zip(metrics, map(_day, days), strict=True)))
    raise ids.foreign_cursor()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is(part: Any, type_: type) -> bool:
    if type_ is float:
        return isinstance(part, int | float) and not isinstance(part, bool)
    if type_ is int:
        return type(part) is int and 0 <= part <= ids.LARGEST_PK
    return isinstance(part, str) and "\x00" not in part


def _as(part: Any, type_: type) -> Any:
    return type_(part)


def _day(text: Any) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ids.foreign_cursor() from None
