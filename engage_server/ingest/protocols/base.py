"""What a tracking protocol consists of: how a request is parsed, an item translated, and the client answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec

from engage_server.ingest.delivery import Delivery
from engage_server.ingest.event_batch import EventBatch
from engage_server.ingest.items import Item
from engage_server.ingest.outcomes import Receipt


class TrackingRequest(msgspec.Struct, frozen=True):
    """A request without its transport.

    ``kind`` is what the path says of the items, such as ``engage``; ``path_key`` a key that the path begins with;
    ``is_form``: the body is what a field of a form or of the address held, and ``query`` has the other fields too.
    """

    body: bytes
    method: str = "POST"
    query: Mapping[str, str] | None = None
    kind: str = ""
    path_key: str = ""
    is_form: bool = False

    def parameter(self, name: str) -> str:
        """A parameter of the address; "" if it is missing."""
        return (self.query or {}).get(name, "")


class ParsedRequest(msgspec.Struct, frozen=True):
    """What was in a request: raw items, the key that the body bears, and when the client says that it sent them.

    ``style`` is how the client wants to be answered, where the protocol knows several ways. Of a request that was decoded
    to ``events`` at once, ``read_items`` cuts out the raw items if they are needed after all.
    """

    items: Sequence[bytes] = ()
    key: str = ""
    sent_at: Any = None
    style: str = ""
    events: EventBatch | None = None
    read_items: Callable[[], Sequence[bytes]] = tuple


class Translate(Protocol):
    """Turns a raw item into what is stored.

    Raises:
        ItemError: it cannot be taken.
    """

    def __call__(self, raw: bytes, delivery: Delivery) -> list[Item]: ...


class DecodeEvents(Protocol):
    """Decodes a request of nothing but plain events at once; None for every other one, good or bad.

    It is only asked where the rules of the source change nothing.
    """

    def __call__(
        self, request: TrackingRequest, *, received_at: datetime, placeholder_ids: frozenset[str]
    ) -> ParsedRequest | None: ...


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """Why a whole request was not taken; ``code`` is ours, ``message`` a sentence with the remedy.

    ``items`` is how many it had, where it was parsed before it was refused.
    """

    status: int
    code: str
    message: str
    items: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A body with its type; bytes go as they are, anything else as JSON."""

    body: Any
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class TrackingProtocol:
    """One protocol.

    ``unwrap`` lays the JSON bare that a form or the address may hold, and comes before anything looks for a key in it;
    ``parse`` raises IngestError where the request is no batch at all; ``accept`` words the answer after the commit.
    ``kinds`` are what a path may say of the items, where there is a path for each.
    ``read_key`` is for protocols whose key can be read from a body without parsing the items. ``decode_events`` is the
    fast way past ``parse`` and ``translate``, with the same outcome.
    """

    name: str
    parse: Callable[[TrackingRequest], ParsedRequest]
    translate: Translate
    accept: Callable[[TrackingRequest, ParsedRequest, Receipt], Reply]
    refuse: Callable[[ErrorReply], Reply]
    methods: tuple[str, ...] = ("POST",)
    kinds: tuple[str, ...] = ()
    unwrap: Callable[[TrackingRequest], TrackingRequest] | None = None
    read_key: Callable[[bytes], str] | None = None
    decode_events: DecodeEvents | None = None
