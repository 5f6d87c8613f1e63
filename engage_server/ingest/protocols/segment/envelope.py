"""Takes the body of a request apart into raw items, so that one bad item never costs the others."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from engage_server.ingest.exceptions import BodyTooLargeError, MalformedBodyError
from engage_server.ingest.json_items import NOT_JSON, require_few_items, split_items
from engage_server.ingest.limits import MAX_BODY_BYTES
from engage_server.ingest.protocols.base import ParsedRequest


class _Batch(msgspec.Struct, gc=False):
    batch: list[msgspec.Raw]
    sentAt: Any = None
    context: msgspec.Raw = msgspec.Raw(b"null")


class _Single(msgspec.Struct, gc=False):
    sentAt: Any = None


class _Key(msgspec.Struct, gc=False):
    writeKey: Any = None


OF_THE_BATCH: Final = ("groupId", "traits", "consent")  # what of a batch's context is read of a call's
_raw_fields: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
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
        key = _key.decode(split_items(body, name="batch")[1]).writeKey
    except (*NOT_JSON, MalformedBodyError):
        return ""
    return key if isinstance(key, str) else ""


def open_batch(body: bytes) -> ParsedRequest:
    """The items of ``{"batch": [...], "sentAt": ..., "context": {...}}``, the batch's context in each.

    Raises:
        MalformedBodyError: it is no batch at all.
        BodyTooLargeError: with the context in each item it would be.
        TooManyItemsError: there are more items than may be.
    """
    require_few_items(body, name="batch")
    try:
        batch = _batch.decode(body)
    except msgspec.ValidationError as error:
        raise MalformedBodyError(f'The body must be {{"batch": [...]}}: {error}.') from None
    except NOT_JSON:
        return _open_broken_batch(body)
    return _with_context([bytes(raw) for raw in batch.batch], batch)


def _with_context(items: list[bytes], batch: _Batch) -> ParsedRequest:
    context = _object(batch.context)
    of_all: dict[str, msgspec.Raw] = {name: context[name] for name in OF_THE_BATCH if name in context}
    if not of_all:
        return ParsedRequest(items, sent_at=batch.sentAt)
    if len(items) * sum(map(len, of_all.values())) > MAX_BODY_BYTES:
        raise BodyTooLargeError(
            "The batch's context, put into each of its items, is over the limit. Remedy: send smaller batches."
        )
    return ParsedRequest([_in_context(raw, of_all) for raw in items], sent_at=batch.sentAt)


def _in_context(raw: bytes, of_all: dict[str, msgspec.Raw]) -> bytes:
    """The item with what the batch's context says beyond its own; as it is where it is no object."""
    try:
        fields = _raw_fields.decode(raw)
    except NOT_JSON:
        return raw
    own = {name: value for name, value in _object(fields.get("context")).items() if bytes(value) != b"null"}
    return msgspec.json.encode({**fields, "context": {**of_all, **own}})


def _object(raw: msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    """The fields of an object; none where it is something else, such as PHP's empty list."""
    try:
        return {} if raw is None else _raw_fields.decode(raw)
    except NOT_JSON:
        return {}


def items_in(body: bytes) -> Sequence[bytes]:
    """The items of what is known to be a batch, however deep that is nested which is beside them."""
    try:
        batch = _batch.decode(body)
        return _with_context([bytes(raw) for raw in batch.batch], batch).items
    except NOT_JSON:
        return split_items(body, name="batch")[0]


def open_single(body: bytes) -> ParsedRequest:
    """The one item of a request to /v1/track and its like.

    Raises:
        MalformedBodyError: it is no JSON object.
    """
    if not body.lstrip().startswith(b"{"):
        raise MalformedBodyError("The body must be one JSON object.")
    try:
        return ParsedRequest([body], sent_at=_single.decode(body).sentAt)
    except NOT_JSON:
        return ParsedRequest([body])


def _open_broken_batch(body: bytes) -> ParsedRequest:
    # One NaN, lone surrogate or bottomless list makes the whole body no JSON. Cut the items out by their commas.
    items, rest = split_items(body, name="batch")
    try:
        envelope = _batch.decode(rest)
    except NOT_JSON as error:
        raise MalformedBodyError(f"The body is no JSON: {error}.") from None
    return _with_context(items, envelope)
