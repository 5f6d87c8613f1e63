"""Takes an array of raw items out of a body, so that one bad item never costs the others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, Final

import msgspec

from engage_server.ingest.exceptions import MalformedBodyError, TooManyItemsError
from engage_server.ingest.limits import MAX_ITEMS, MAX_TOKENS

NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}\[\],]', re.DOTALL)

MAX_FIELD_BYTES: Final = 1_000  # of a field beside the items


class _Fields(msgspec.Struct, gc=False):
    """The fields that may stand beside the items; whatever else does is not even kept while the rest is read."""

    batch: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    events: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    api_key: msgspec.Raw = msgspec.Raw(b"null")
    token: msgspec.Raw = msgspec.Raw(b"null")
    sent_at: msgspec.Raw = msgspec.Raw(b"null")
    client_upload_time: msgspec.Raw = msgspec.Raw(b"null")
    historical_migration: msgspec.Raw = msgspec.Raw(b"null")


BESIDE: Final = ("api_key", "token", "sent_at", "client_upload_time", "historical_migration")
_object: Final = msgspec.json.Decoder(_Fields)
_array: Final = msgspec.json.Decoder(list[msgspec.Raw])


class _Item:
    """An element of an array whose number is all that is asked for."""


_AN_ITEM: Final = _Item()


@dataclass(frozen=True, slots=True)
class Contents:
    """The raw items of a body, and the other fields of the object that holds them."""

    items: list[bytes]
    fields: Mapping[str, Any]

    def text(self, *names: str) -> str:
        """The first of the fields that holds a text that is not empty; "" if none does."""
        texts = (self.fields.get(name) for name in names)
        return next((text for text in texts if isinstance(text, str) and text), "")


def open_array(body: bytes, name: str) -> Contents:
    """The items of ``{name: [...], ...}``, or of a body that is the array itself.

    Raises:
        MalformedBodyError: it is neither.
        TooManyItemsError: there are more than may be.
    """
    bare = body.lstrip().startswith(b"[")
    require_few_items(body, name="" if bare else name)
    try:
        if bare:
            return Contents([bytes(raw) for raw in _array.decode(body)], {})
        found = getattr(_object.decode(body), name)
        items = None if found is msgspec.UNSET else [bytes(raw) for raw in _array.decode(found)]
    except msgspec.ValidationError as error:
        raise MalformedBodyError(f'The body must be {{"{name}": [...]}}: {error}.') from None
    except NOT_JSON:
        items, rest = split_items(body, name="" if bare else name)
        return Contents(items, {} if bare else _fields(rest))
    if items is None:
        raise MalformedBodyError(f'The body has no {name!r}. Remedy: send {{"{name}": [...]}}.')
    return Contents(items, _fields(body))


def open_object(body: bytes) -> Contents:
    """A body that is one item; one that is no valid JSON is an item too, to be refused as such.

    Raises:
        MalformedBodyError: it is no JSON object.
    """
    if not body.lstrip().startswith(b"{"):
        raise MalformedBodyError("The body must be a JSON object, or an array of them.")
    try:
        return Contents([body], msgspec.json.decode(body, type=dict[str, Any]))
    except NOT_JSON:
        return Contents([body], {})


def require_few_items(body: bytes, *, name: str) -> None:
    """Go on with a body whose array of this name has no more items than may be; "" = the body is the array.

    What is no JSON, or has no such array, passes: whoever opens it will say so.

    Raises:
        TooManyItemsError: it has more; those beyond were not looked at.
    """
    # Most have not even as many commas. Else they are counted and dropped: a list of all would take the memory.
    if body.count(b",") < MAX_ITEMS:
        return
    counted = count(1)

    def count_one(kind: type, value: object) -> _Item:
        if next(counted) > MAX_ITEMS:
            raise too_many_items()
        return _AN_ITEM

    try:
        array = getattr(_object.decode(body), name) if name else body
        if array is not msgspec.UNSET:
            msgspec.json.decode(array, type=list[_Item], dec_hook=count_one)
    except NOT_JSON:
        return


def too_many_items() -> TooManyItemsError:
    """For a request with more items than may be."""
    return TooManyItemsError(f"The request has more than {MAX_ITEMS} items. Remedy: send smaller batches.")


def has_field(body: bytes, name: str) -> bool:
    """Whether the body is an object with this field, as far as its JSON can be read."""
    try:
        return getattr(_object.decode(body), name) is not msgspec.UNSET
    except NOT_JSON:
        return f'"{name}"'.encode() in body


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = _object.decode(body)
        raws = {name: bytes(getattr(fields, name)) for name in BESIDE}
        return {name: msgspec.json.decode(raw) for name, raw in raws.items() if len(raw) <= MAX_FIELD_BYTES}
    except NOT_JSON as error:
        raise MalformedBodyError(f"The body is no JSON: {error}.") from None


def split_items(body: bytes, *, name: str) -> tuple[list[bytes], bytes]:
    """Cut the items of the top-level array ``name`` out by their commas; "" = the body is the array.

    One NaN, lone surrogate or bottomless list makes the whole body no JSON, though the other items are good.

    Returns:
        The items, and the body with that array empty.

    Raises:
        MalformedBodyError: there is no complete array of this name.
        TooManyItemsError: it has more items than may be.
    """
    level = 2 if name else 1
    wanted, depth, opened, start, text = f'"{name}"'.encode(), 0, -1, 0, b""
    items: list[bytes] = []
    for token in islice(TOKEN.finditer(body), MAX_TOKENS):
        mark = token.group()
        if mark in {b"{", b"["}:
            depth += 1
            if depth == level and mark == b"[" and opened < 0 and (not name or text == wanted):
                opened = start = token.end()
        elif mark in {b"}", b"]"}:
            depth -= 1
            if opened >= 0 and depth == level - 1:
                items.append(body[start : token.start()])
                items = items if len(items) > 1 or items[0].strip() else []
                return items, body[:opened] + body[token.start() :]
        elif mark == b",":
            if opened >= 0 and depth == level:
                items.append(body[start : token.start()])
                start = token.end()
                if len(items) >= MAX_ITEMS:
                    raise too_many_items()
        elif depth == level - 1:
            text = mark
    raise MalformedBodyError(f"The body is no JSON, or has no complete {name or 'array'} in it.")
