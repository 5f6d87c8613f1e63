"""Checks the raw JSON of an item for what PostgreSQL or other clients could not hold."""

import re
from typing import Any, Final

import msgspec

from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.limits import MAX_DEPTH, MAX_ITEM_BYTES, MAX_NUMBER

# What makes a full decode worth its time: an escaped NUL, or a number with a long exponent or very many digits.
ESCAPED_NUL: Final = rb"\u0000"
ODD_NUMBER: Final = re.compile(rb"[0-9](?:[eE][+-]?[0-9]{3}|[0-9]{299})")
# A text with every digit as 0 and E as e shows in a tenth of the time that it holds no such number.
SHAPE: Final = bytes.maketrans(b"123456789E", b"000000000e")
WITH_EXPONENT: Final = b"0e"
VERY_LONG: Final = b"0" * 300


def check_item(raw: bytes) -> bool:
    """Refuse an item that cannot be kept; say whether it holds numbers that must be written anew.

    Raises:
        ItemError: too large, no JSON, nested too deeply, a NUL character or a number out of range.
    """
    check_frame(raw)
    if not has_odd_numbers(raw):
        return False
    _check_values(decode(raw))
    return True


def check_frame(raw: bytes) -> None:
    """Refuse an item for all that ``check_item`` refuses but its numbers.

    Raises:
        ItemError: as there.
    """
    if len(raw) > MAX_ITEM_BYTES:
        raise ItemError(
            "item_too_large",
            f"The item has {len(raw)} bytes, over the limit of {MAX_ITEM_BYTES}. Remedy: send fewer properties.",
        )
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
        _check_depth(raw)
    if ESCAPED_NUL in raw:
        _check_values(decode(raw))


def has_odd_numbers(raw: bytes) -> bool:
    """Whether the JSON may hold numbers that PostgreSQL or a double cannot. Message ids in hex often look so."""
    shape = raw.translate(SHAPE)
    return (WITH_EXPONENT in shape or VERY_LONG in shape) and ODD_NUMBER.search(raw) is not None


def written_anew(raw: bytes) -> bytes:
    """The JSON with numbers as doubles have them, e.g. 0 for 1e-20000.

    Raises:
        ItemError: no JSON, or a number out of range.
    """
    value = decode(raw)
    _check_values(value)
    return msgspec.json.encode(value)


def decode(raw: bytes) -> Any:
    """The item as plain objects.

    Raises:
        ItemError: no JSON, or a number that no double can hold.
    """
    try:
        return msgspec.json.decode(raw)
    except msgspec.ValidationError as error:
        raise ItemError("number_out_of_range", f"{error}. Remedy: send it as a string.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ItemError("invalid_json", f"The item is no JSON: {error}.") from None


_BRACKETS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|([\[{])|([\]}])', re.DOTALL)


def _check_depth(raw: bytes) -> None:
    depth = 0
    for token in _BRACKETS.finditer(raw):
        depth += (token.group(1) is not None) - (token.group(2) is not None)
        if depth > MAX_DEPTH:
            raise ItemError(
                "too_deep", f"The item is nested more than {MAX_DEPTH} levels deep. Remedy: flatten it."
            )


def _check_values(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_values(key)
            _check_values(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_values(inner)
    elif isinstance(value, str) and "\0" in value:
        raise ItemError(
            "nul_character", "The item holds a NUL character, which no text can. Remedy: remove it."
        )
    elif isinstance(value, int) and abs(value) > MAX_NUMBER:
        raise ItemError("number_out_of_range", "A number is beyond 10^308. Remedy: send it as a string.")
