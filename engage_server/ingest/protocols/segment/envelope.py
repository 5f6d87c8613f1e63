"""Takes the body of a request apart into raw items, so that one bad item never costs the others."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from engage_server.ingest.exceptions import MalformedBodyError
from engage_server.ingest.protocols.arrays import NOT_JSON, cut, require_few_items


class _Batch(msgspec.Struct, gc=False):
    batch: list[msgspec.Raw]
    sentAt: Any = None


class _Single(msgspec.Struct, gc=False):
    sentAt: Any = None


class _Key(msgspec.Struct, gc=False):
    writeKey: Any = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """The raw items of a request, and when the client says that it sent them."""

    items: list[bytes]
    sent_at: Any


_batch: Final = msgspec.json.Decoder(_Batch)
_single: Final = msgspec.json.Decoder(_Single)
_key: Final = msgspec.json.Decoder(_Key)


def write_key(body: bytes) -> str:
    """The key in the body of a client that sends none in the headers; empty if there is none."""
    try:
        key = _key.decode(body).writeKey
    except NOT_JSON:
        return _key_beside_broken_items(body)
    return key if isinstance(key, str) else ""


def _key_beside_broken_items(body: bytes) -> str:
    try:
        key = _key.decode(cut(body, name="batch")[1]).writeKey
    except (*NOT_JSON, MalformedBodyError):
        return ""
    return key if isinstance(key, str) else ""


def open_batch(body: bytes) -> Envelope:
    """The items of ``{"batch": [...], "sentAt": ...}``.

    Raises:
        MalformedBodyError: it is no batch at all.
        TooManyItemsError: there are more items than may be.
    """
    require_few_items(body, name="batch")
    try:
        batch = _batch.decode(body)
    except msgspec.ValidationError as error:
        raise MalformedBodyError(f'The body must be {{"batch": [...]}}: {error}.') from None
    except NOT_JSON:
        return _open_broken_batch(body)
    return Envelope([bytes(raw) for raw in batch.batch], batch.sentAt)


def items_in(body: bytes) -> list[bytes]:
    """The items of what is known to be a batch, however deep that is nested which is beside them."""
    try:
        return [bytes(raw) for raw in _batch.decode(body).batch]
    except NOT_JSON:
        return cut(body, name="batch")[0]


def open_single(body: bytes) -> Envelope:
    """The one item of a request to /v1/track and its like.

    Raises:
        MalformedBodyError: it is no JSON object.
    """
    if not body.lstrip().startswith(b"{"):
        raise MalformedBodyError("The body must be one JSON object.")
    try:
        return Envelope([body], _single.decode(body).sentAt)
    except NOT_JSON:
        return Envelope([body], None)


def _open_broken_batch(body: bytes) -> Envelope:
    # One NaN, lone surrogate or bottomless list makes the whole body no JSON. Cut the items out by their commas.
    items, rest = cut(body, name="batch")
    try:
        envelope = _batch.decode(rest)
    except NOT_JSON as error:
        raise MalformedBodyError(f"The body is no JSON: {error}.") from None
    return Envelope(items, envelope.sentAt)
