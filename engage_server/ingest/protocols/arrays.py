"""Takes an array of raw items out of a body, so that one bad item never costs the others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from engage_server.ingest.exceptions import MalformedBodyError

NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}\[\],]', re.DOTALL)

_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array: Final = msgspec.json.Decoder(list[msgspec.Raw])


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
    """
    bare = body.lstrip().startswith(b"[")
    try:
        if bare:
            return Contents([bytes(raw) for raw in _array.decode(body)], {})
        fields = _object.decode(body)
        items = [bytes(raw) for raw in _array.decode(fields[name])] if name in fields else None
    except msgspec.ValidationError as error:
        raise MalformedBodyError(f'The body must be {{"{name}": [...]}}: {error}.') from None
    except NOT_JSON:
        items, rest = cut(body, name="" if bare else name)
        return Contents(items, {} if bare else _fields(rest, name))
    if items is None:
        raise MalformedBodyError(f'The body has no {name!r}. Remedy: send {{"{name}": [...]}}.')
    return Contents(items, _fields(body, name))


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


def has_field(body: bytes, name: str) -> bool:
    """Whether the body is an object with this field, as far as its JSON can be read."""
    try:
        return name in _object.decode(body)
    except NOT_JSON:
        return f'"{name}"'.encode() in body


def _fields(body: bytes, name: str) -> dict[str, Any]:
    try:
        fields = _object.decode(body)
        return {key: msgspec.json.decode(raw) for key, raw in fields.items() if key != name}
    except NOT_JSON as error:
        raise MalformedBodyError(f"The body is no JSON: {error}.") from None


def cut(body: bytes, *, name: str) -> tuple[list[bytes], bytes]:
    """Cut the items of the top-level array ``name`` out by their commas; "" = the body is the array.

    One NaN, lone surrogate or bottomless list makes the whole body no JSON, though the other items are good.

    Returns:
        The items, and the body with that array empty.

    Raises:
        MalformedBodyError: there is no complete array of this name.
    """
    level = 2 if name else 1
    wanted, depth, opened, start, text = f'"{name}"'.encode(), 0, -1, 0, b""
    items: list[bytes] = []
    for token in TOKEN.finditer(body):
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
        elif depth == level - 1:
            text = mark
    raise MalformedBodyError(f"The body is no JSON, or has no complete {name or 'array'} in it.")
