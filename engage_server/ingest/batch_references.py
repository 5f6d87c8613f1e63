"""Reads off a batch what it needs: names, accounts, dictionary entries. Pure functions over items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from engage_server.activity.dictionary import NameUse
from engage_server.customers.identity import DeviceLink, IdentifierUsage
from engage_server.ingest.event_batch import EventBatch, digests_of, from_items
from engage_server.ingest.items import (
    AccountItem,
    AliasItem,
    EventItem,
    Item,
    LedgerItem,
    MembershipItem,
    PersonItem,
    ResponseItem,
    SubscriptionItem,
    name_of,
)

# An item without a time ties later than any item with one.
NO_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UniqueEvents:
    """The first event of each message id, with its digest and its index in the batch.

    ``repeats`` are the events that repeat an id of the batch: index, message id and digest of each.
    """

    events: dict[str, EventItem]
    digests: dict[str, int]
    indexes: dict[str, int]
    repeats: list[tuple[int, str, int]]


def unique_events(items: Sequence[Item], *, as_sent: Sequence[Item] | None = None) -> UniqueEvents:
    """The first event of each message id; digests are made of ``as_sent``, the same items as they came."""
    events: dict[str, EventItem] = {}
    digests: dict[str, int] = {}
    indexes: dict[str, int] = {}
    repeats: list[tuple[int, str, int]] = []
    found = [
        (index, item, sent)
        for index, (item, sent) in enumerate(zip(items, as_sent or items, strict=True))
        if isinstance(item, EventItem) and isinstance(sent, EventItem)
    ]
    numbers = digests_of(from_items([sent for _, _, sent in found]))
    for (index, item, _), number in zip(found, numbers, strict=True):
        if item.message_id in events:
            repeats.append((index, item.message_id, number))
            continue
        events[item.message_id] = item
        digests[item.message_id] = number
        indexes[item.message_id] = index
    return UniqueEvents(events, digests, indexes, repeats)


def names_in_use(items: Iterable[Item]) -> IdentifierUsage:
    """The names of persons in the items, and what the items say about them."""
    users: set[str] = set()
    anonymous: set[str] = set()
    written: set[str] = set()
    ties: list[DeviceLink] = []
    aliases: list[tuple[str, str]] = []
    for item in items:
        if isinstance(item, EventItem | ResponseItem):
            key, at = item.person, item.occurred_at
        elif isinstance(item, PersonItem | MembershipItem):
            key = item.person
            at = item.starts_at if isinstance(item, MembershipItem) else item.occurred_at or NO_TIME
            if name := name_of(key):
                written.add(name)
        else:
            if isinstance(item, AliasItem):
                aliases.append((item.previous_id, item.user_id))
            continue
        user, device = key.user_id, key.anonymous_id
        if user:
            users.add(user)
        if device:
            anonymous.add(device)
            if user and user != device:
                ties.append(DeviceLink(device, user, at))
    return IdentifierUsage(
        users=frozenset(users),
        anonymous=frozenset(anonymous),
        ties=tuple(ties),
        aliases=tuple(aliases),
        written=frozenset(written),
    )


def account_ids(items: Iterable[Item]) -> set[str]:
    """External ids of every account that the items name, parents included."""
    named: set[str] = set()
    for item in items:
        if isinstance(item, AccountItem):
            named.add(item.external_id)
            named.update({item.parent} if item.parent else ())
        elif (
            isinstance(item, EventItem | MembershipItem | SubscriptionItem | LedgerItem | ResponseItem)
            and item.account
        ):
            named.add(item.account)
    return named


def event_name_uses(events: Iterable[EventItem]) -> dict[str, NameUse]:
    """How the events use their names; one use that is not passive makes a name VALUE, whatever the order."""
    return _merge_uses((event.name, event.passive, event.feature) for event in events)


def event_name_uses_of(events: EventBatch) -> dict[str, NameUse]:
    """As ``event_name_uses``, for events column by column."""
    return _merge_uses({*zip(events.names, events.passive, events.features, strict=True)})


def _merge_uses(used: Iterable[tuple[str, bool, str | None]]) -> dict[str, NameUse]:
    uses: dict[str, NameUse] = {}
    for name, is_passive, feature in used:
        known = uses.get(name)
        if known is None:
            uses[name] = NameUse(is_passive, feature)
        elif known.passive != is_passive or known.feature != feature:
            features = sorted({known.feature, feature} - {None}, key=str)
            uses[name] = NameUse(known.passive and is_passive, features[0] if features else None)
    return uses
