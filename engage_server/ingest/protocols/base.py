"""What a tracking protocol consists of: how a request is opened, an item translated, and the client answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from engage_server.ingest.conventions import USUAL, Conventions
from engage_server.ingest.items import Item
from engage_server.ingest.outcomes import Receipt


@dataclass(frozen=True, slots=True)
class TrackingRequest:
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


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """What was in a request: raw items, the key that the body bears, and when the client says that it sent them.

    ``style`` is how the client wants to be answered, where the protocol knows several ways.
    """

    items: list[bytes]
    key: str = ""
    sent_at: Any = None
    style: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """When, whence and under which key an item came; ``key`` is empty for one replayed from quarantine."""

    received_at: datetime
    source: str
    key: str = ""
    sent_at: Any = None
    kind: str = ""
    conventions: Conventions = USUAL


class Translate(Protocol):
    """Turns a raw item into what is stored.

    Raises:
        ItemError: it cannot be taken.
    """

    def __call__(self, raw: bytes, delivery: Delivery) -> list[Item]: ...


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """Why a whole request was not taken; ``code`` is ours, ``message`` a sentence with the remedy.

    ``items`` is how many it had, where it was opened before it was refused.
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
    ``open`` raises IngestError where the request is no batch at all; ``accept`` words the answer after the commit.
    """

    protocol: str
    open: Callable[[TrackingRequest], ParsedRequest]
    translate: Translate
    accept: Callable[[TrackingRequest, ParsedRequest, Receipt], Reply]
    refuse: Callable[[ErrorReply], Reply]
    methods: tuple[str, ...] = ("POST",)
    unwrap: Callable[[TrackingRequest], TrackingRequest] = lambda incoming: incoming
