"""Reads the commonest call, a plain track, in one typed decode; whatever is unusual goes the ordinary way.

What it takes it takes as the ordinary way does, to the letter: it only knows the cases that need no second thought.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from engage_server.ingest.checks import ESCAPED_NUL, has_odd_numbers
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.limits import MAX_DEPTH, MAX_ID_LENGTH, MAX_ITEM_BYTES, MAX_NAME_LENGTH
from engage_server.ingest.protocols.segment.lifecycle import PASSIVE_NAMES
from engage_server.ingest.protocols.segment.surveys import SURVEYS
from engage_server.ingest.protocols.times import corrected, parse_time

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_LENGTH)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
TRAITS: Final = b'"traits"'


class _Context(msgspec.Struct, gc=False):
    groupId: Id | None = None


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


_track: Final = msgspec.json.Decoder(_Track)


def plain_event(raw: bytes, *, sent_at: object, received_at: datetime) -> EventItem | None:
    """The event in a plain track call; None for every other item, good or bad."""
    return plain_events([raw], sent_at=sent_at, received_at=received_at)[0]


def plain_events(raws: Sequence[bytes], *, sent_at: object, received_at: datetime) -> list[EventItem | None]:
    """As ``plain_event``, for each of the items.

    One loop over a batch, and one look for what is rare in any of its items: calls cost more than what they do.
    """
    whole = b"\n".join(raws)
    suspicious = [mark for mark in (TRAITS, ESCAPED_NUL) if mark in whole]
    sent = parse_time(sent_at)
    events: list[EventItem | None] = []
    for raw in raws:
        event = None
        # An item with fewer brackets than levels allowed cannot be too deep.
        if (
            len(raw) <= MAX_ITEM_BYTES
            and raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH
            and not any(mark in raw for mark in suspicious)
        ):
            try:
                event = _event(_track.decode(raw), sent, received_at)
            except (ItemError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                event = None
        events.append(event)
    return events


def _event(call: _Track, sent: datetime | None, received_at: datetime) -> EventItem | None:
    name, properties = call.event, bytes(call.properties)
    text = properties.decode()
    if (
        (call.userId is None and call.anonymousId is None)
        or name in SURVEYS
        or name != name.strip()
        or text[0] != "{"
        or has_odd_numbers(properties)
    ):
        return None
    return EventItem(
        call.messageId,
        name,
        PersonKey(call.userId, call.anonymousId),
        corrected(call.timestamp, sent=sent, received_at=received_at),
        received_at,
        call.timestamp,
        None if call.context is None else call.context.groupId,
        None,
        name in PASSIVE_NAMES,
        text,
    )
