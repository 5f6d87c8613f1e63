"""Leaves ids that stand for nobody out of what came in: a placeholder counts as no id at all."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from engage_server.customers.placeholder_ids import is_placeholder
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import (
    AccountItem,
    AliasItem,
    EventItem,
    Item,
    LedgerItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
    name_of,
)
from engage_server.ingest.notes import note

CODE: Final = "placeholder_id"


def without_placeholders(items: Sequence[Item], own: frozenset[str]) -> list[Item]:
    """What the items of one raw item say without them, which is noted; ``own`` are the tenant's further ones.

    Raises:
        ItemError: then they name nobody.
    """
    absent = {one for item in items for one in _ids(item) if is_placeholder(one, own)}
    if not absent:
        return list(items)
    kept = [left for item in items if (left := _without(item, absent)) is not None]
    if not kept:
        raise ItemError(
            CODE, "The id stands for nobody, such as `undefined` or `0`. Remedy: send the real id, or none."
        )
    note(CODE, "An id that stands for nobody, such as `undefined` or `0`, was passed over.")
    return kept


def _ids(item: Item) -> Iterator[str]:
    named: tuple[str | None, ...]
    if isinstance(item, AliasItem):
        named = (item.previous_id, item.user_id)
    elif isinstance(item, AccountItem):
        named = (item.external_id, item.parent)
    elif isinstance(item, PersonItem):
        named = (item.person.user_id, item.person.anonymous_id)
    elif isinstance(item, SubscriptionItem | LedgerItem):
        named = (item.account,)
    else:
        named = (item.person.user_id, item.person.anonymous_id, item.account)
    return filter(None, named)


def _without(item: Item, absent: set[str]) -> Item | None:
    """The item less these ids; None where they are what it is about."""
    if isinstance(item, EventItem | ResponseItem):
        return _happening(item, absent)
    if isinstance(item, PersonItem | MembershipItem):
        person = _person(item.person, absent)
        is_left = name_of(person) and not (isinstance(item, MembershipItem) and item.account in absent)
        return replace(item, person=person) if is_left else None
    if isinstance(item, AliasItem):
        return None if item.previous_id in absent or item.user_id in absent else item
    if isinstance(item, AccountItem):
        parent = None if item.parent in absent else item.parent
        return None if item.external_id in absent else replace(item, parent=parent)
    return None if item.account in absent else item


def _happening(item: EventItem | ResponseItem, absent: set[str]) -> Item | None:
    person = _person(item.person, absent)
    account = None if item.account in absent else item.account
    if not name_of(person) and not account:
        return None
    if isinstance(item, EventItem):
        return msgspec.structs.replace(item, person=person, account=account)
    return replace(item, person=person, account=account)


def _person(key: PersonKey, absent: set[str]) -> PersonKey:
    user = None if key.user_id in absent else key.user_id
    return PersonKey(user, None if key.anonymous_id in absent else key.anonymous_id)
