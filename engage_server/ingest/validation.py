"""Checks the raw JSON of an item for what PostgreSQL or other clients could not hold."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.limits import MAX_DEPTH, MAX_ITEM_BYTES, MAX_NUMBER, MAX_TRAITS

# What makes a full decode worth its time: an escaped NUL, or a number with a long exponent or very many digits.
ESCAPED_NUL: Final = rb"\u0000"
ODD_NUMBER: Final = re.compile(rb"[0-9](?:[eE][+-]?[0-9]{3}|[0-9]{299})")
# A text with every digit as 0 and E as e shows in a quarter of the time that it holds no such number.
SHAPE: Final = bytes.maketrans(b"123456789E", b"000000000e")
WITH_EXPONENT: Final = b"0e"
VERY_LONG: Final = b"0" * 300


def check_item(raw: bytes) -> bool:
    """Refuse an item that cannot be kept; say whether it holds numbers that must be rewritten.

    Raises:
        ItemError: too large, no JSON, nested too deeply, a NUL character or a number out of range.
    """
    check_frame(raw)
    check_depth(raw)
    if not has_odd_numbers(raw):
        return False
    check_values(decode(raw))
    return True


def check_frame(raw: bytes) -> None:
    """Refuse an item for what concerns all of it, whatever of it is kept.

    Raises:
        ItemError: too large, no JSON, or a NUL character.
    """
    if len(raw) > MAX_ITEM_BYTES:
        raise ItemError(
            "item_too_large",
            f"The item has {len(raw)} bytes, over the limit of {MAX_ITEM_BYTES}. Remedy: send fewer properties.",
        )
    if may_hold_nul(raw):
        check_values(decode(raw))


def may_hold_nul(raw: bytes) -> bool:
    """Whether a NUL character may be written in the JSON."""
    # A search for one byte takes a thirtieth of the time.
    return b"\\" in raw and ESCAPED_NUL in raw


def has_odd_numbers(raw: bytes) -> bool:
    """Whether the JSON may hold numbers that PostgreSQL or a double cannot. Message ids in hex often look so."""
    shape = raw.translate(SHAPE)
    return (WITH_EXPONENT in shape or VERY_LONG in shape) and ODD_NUMBER.search(raw) is not None


def rewrite_numbers(raw: bytes) -> bytes:
    """The JSON with numbers as doubles have them, e.g. 0 for 1e-20000.

    Raises:
        ItemError: no JSON, or a number out of range.
    """
    value = decode(raw)
    check_values(value)
    return msgspec.json.encode(value)


def decode(raw: bytes) -> Any:
    """The item as plain objects.

    Raises:
        ItemError: no JSON, nested too deeply to be read, or a number that no double can hold.
    """
    try:
        return msgspec.json.decode(raw)
    except msgspec.ValidationError as error:
        raise number_out_of_range(error) from None
    except RecursionError:
        raise too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ItemError("invalid_json", f"The item is no JSON: {error}.") from None


_BRACKETS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|([\[{])|([\]}])', re.DOTALL)


def check_depth(raw: bytes, *, below: int = 0) -> None:
    """Refuse JSON that is nested too deeply.

    Args:
        raw: the JSON.
        below: how many levels of the item are above it.

    Raises:
        ItemError: it is.
    """
    depth = below
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH - below:
        return
    for token in _BRACKETS.finditer(raw):
        depth += (token.group(1) is not None) - (token.group(2) is not None)
        if depth > MAX_DEPTH:
            raise too_deep()


def check_traits(traits: Mapping[str, Any]) -> None:
    """Refuse more traits than one call may set.

    Raises:
        ItemError: they are.
    """
    if len(traits) > MAX_TRAITS:
        raise ItemError(
            "too_many_traits",
            f"The call sets {len(traits)} traits, over the limit of {MAX_TRAITS}. Remedy: send what varies as properties "
            "of events.",
        )


def number_out_of_range(error: msgspec.ValidationError) -> ItemError:
    """For an item with a number that no double can hold."""
    return ItemError("number_out_of_range", f"{error}. Remedy: send it as a string.")


def too_deep() -> ItemError:
    """For an item that is nested too deeply."""
    return ItemError("too_deep", f"The item is nested more than {MAX_DEPTH} levels deep. Remedy: flatten it.")


def check_values(value: Any, *, below: int = 0) -> None:
    """Refuse what PostgreSQL or other clients could not hold.

    Args:
        value: decoded JSON.
        below: how many levels of the item are above it.

    Raises:
        ItemError: nested too deeply, a NUL character, or a number out of range.
    """
    if isinstance(value, dict | list) and below >= MAX_DEPTH:
        raise too_deep()
    if isinstance(value, dict):
        for key, inner in value.items():
            check_values(key, below=below)
            check_values(inner, below=below + 1)
    elif isinstance(value, list):
        for inner in value:
            check_values(inner, below=below + 1)
    elif isinstance(value, str) and "\0" in value:
        raise ItemError(
            "nul_character", "The item holds a NUL character, which no text can. Remedy: remove it."
        )
    elif isinstance(value, int) and abs(value) > MAX_NUMBER:
        raise ItemError("number_out_of_range", "A number is beyond 10^308. Remedy: send it as a string.")
