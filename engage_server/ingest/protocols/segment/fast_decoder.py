"""Reads the commonest call, a plain track, or a batch of them in one decode; whatever is unusual goes the ordinary way.

What it takes it takes as the ordinary way does, to the letter: it only knows the cases that need no second thought.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Literal

import msgspec

from engage_server.customers.placeholder_ids import NO_MESSAGE_IDS, may_hold_placeholder
from engage_server.ingest.event_batch import EventBatch
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import EventItem
from engage_server.ingest.limits import MAX_DEPTH, MAX_ID_LENGTH, MAX_ITEM_BYTES, MAX_ITEMS, MAX_NAME_LENGTH
from engage_server.ingest.protocols.base import ParsedRequest, TrackingRequest
from engage_server.ingest.protocols.segment.envelope import items_in
from engage_server.ingest.protocols.segment.reserved_events import PASSIVE_NAMES
from engage_server.ingest.protocols.segment.subscriptions import UPDATED
from engage_server.ingest.protocols.segment.surveys import SURVEYS
from engage_server.ingest.timestamps import correct_times, parse_time
from engage_server.ingest.validation import has_odd_numbers, may_hold_nul

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_LENGTH)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_LENGTH)]


class _Context(msgspec.Struct, gc=False):
    groupId: Id | None = None
    traits: None = None
    consent: Any = None  # looked at by the ordinary way, and refused by it where it cannot be read


class _Track(msgspec.Struct, gc=False):
    """Fields that must be absent or null are typed so: anything in them fails the decode."""

    type: Literal["track"]
    messageId: Id
    event: Name
    timestamp: str
    properties: msgspec.Raw
    userId: Id | None = None
    anonymousId: Id | None = None
    context: _Context | None = None
    originalTimestamp: None = None
    sentAt: None = None
    previousId: None = None
    groupId: None = None
    name: None = None
    category: None = None
    traits: None = None


class _Batch(msgspec.Struct, gc=False):
    batch: list[_Track]
    sentAt: Any = None
    context: _Context | None = None


RESERVED: Final = frozenset({*SURVEYS, UPDATED})
_track: Final = msgspec.json.Decoder(_Track)
_batch: Final = msgspec.json.Decoder(_Batch)
NOT_PLAIN: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def plain_event(
    raw: bytes, *, sent_at: object, received_at: datetime, placeholder_ids: frozenset[str] = frozenset()
) -> EventItem | None:
    """The event in a plain track call; None for every other item, good or bad."""
    if len(raw) > MAX_ITEM_BYTES:
        return None
    try:
        call = _track.decode(raw)
    except NOT_PLAIN:
        return None
    events = _events([call], raw, sent_at, received_at, placeholder_ids)
    return events.items()[0] if events is not None else None


def decode_events(
    request: TrackingRequest, *, received_at: datetime, placeholder_ids: frozenset[str] = frozenset()
) -> ParsedRequest | None:
    """The events of a batch in which every item is a plain track call; None for every other batch, good or bad."""
    body = request.body
    if request.kind:
        return None
    try:
        batch = _batch.decode(body)
        if len(body) > MAX_ITEM_BYTES and max(map(len, items_in(body)), default=0) > MAX_ITEM_BYTES:
            return None
    except NOT_PLAIN:
        return None
    if not 0 < len(batch.batch) <= MAX_ITEMS:
        return None
    account = None if batch.context is None else batch.context.groupId
    events = _events(batch.batch, body, batch.sentAt, received_at, placeholder_ids, account=account)
    if events is None:
        return None
    return ParsedRequest(sent_at=batch.sentAt, events=events, read_items=partial(items_in, body))


def _brackets(text: str) -> int:
    return text.count("{") + text.count("[")


def _events(
    calls: Sequence[_Track],
    raw: bytes,
    sent_at: object,
    received_at: datetime,
    placeholder_ids: frozenset[str],
    *,
    account: str | None = None,
) -> EventBatch | None:
    """The calls column by column: a look at a whole column costs what one at an element of it does.

    ``raw`` is the JSON that holds the calls; ``account`` is that of the calls which name none themselves.
    """
    names = [call.event for call in calls]
    users, devices = [call.userId for call in calls], [call.anonymousId for call in calls]
    try:
        properties = [str(call.properties, "utf-8") for call in calls]
    except UnicodeDecodeError:
        return None
    ids = [call.messageId for call in calls]
    accounts = [account if call.context is None else call.context.groupId or account for call in calls]
    different, named = set(names), {*users, *devices, *accounts}
    if (
        not different.isdisjoint(RESERVED)
        or different != {name.strip() for name in different}
        or (None in users and (None, None) in zip(users, devices, strict=True))
        or {text[0] for text in properties} != {"{"}
        or may_hold_placeholder(named, placeholder_ids)
        or not NO_MESSAGE_IDS.isdisjoint(ids)
    ):
        return None
    together = " ".join(properties)
    # Each has a bracket: had one of them all but one for each of the others, it would still not be too deep.
    may_be_deep = together.count("{") + together.count("[") - len(calls) + 1 >= MAX_DEPTH
    if may_be_deep and max(map(_brackets, properties)) >= MAX_DEPTH:
        return None
    raw_times, passive = [call.timestamp for call in calls], [name in PASSIVE_NAMES for name in names]
    try:
        if may_hold_nul(raw) or has_odd_numbers(together.encode()):
            return None
        occurred = correct_times(raw_times, sent=parse_time(sent_at), received_at=received_at)
    except ItemError:
        return None
    return EventBatch(
        ids,
        names,
        users,
        devices,
        occurred,
        [received_at] * len(calls),
        raw_times,
        accounts,
        [None] * len(calls),
        passive,
        properties,
    )
