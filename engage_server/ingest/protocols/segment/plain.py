"""Reads the commonest call, a plain track, in one typed decode; whatever is unusual goes the ordinary way.

What it takes it takes as the ordinary way does, to the letter: it only knows the cases that need no second thought.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from engage_server.ingest.checks import check_frame, has_odd_numbers
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.limits import MAX_ID_LENGTH, MAX_NAME_LENGTH
from engage_server.ingest.protocols.segment.lifecycle import PASSIVE_NAMES
from engage_server.ingest.protocols.segment.surveys import SURVEYS
from engage_server.ingest.protocols.times import event_time

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
    if TRAITS in raw:
        return None
    try:
        check_frame(raw)
        call = _track.decode(raw)
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
        occurred_at = event_time(timestamp=call.timestamp, sent_at=sent_at, received_at=received_at)
    except (ItemError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return EventItem(
        message_id=call.messageId,
        name=name,
        person=PersonKey(call.userId, call.anonymousId),
        occurred_at=occurred_at,
        received_at=received_at,
        raw_time=call.timestamp,
        account=None if call.context is None else call.context.groupId,
        passive=name in PASSIVE_NAMES,
        properties=text,
    )
