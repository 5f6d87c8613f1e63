"""Reads what does not keep to the types of its protocol, so that a wrong field costs itself and not the call.

PHP writes an empty object as an empty list, spreadsheets write ids as floats, and many a client a number for a text.
"""

from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec

from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.notes import note
from engage_server.ingest.validation import decode, number_out_of_range

Wire = TypeVar("Wire")
OUT_OF_RANGE: Final = "Number out of range"  # what msgspec says of it
_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def decode_leniently(raw: bytes, wanted: type[Wire], *, path: str = "$") -> Wire:
    """The item, less the fields that cannot be read, which are noted.

    Raises:
        ItemError: it is no JSON object, or holds a number that no double can.
        msgspec.DecodeError, UnicodeDecodeError, RecursionError: it is no JSON.
    """
    try:
        given = _object.decode(raw)
    except msgspec.ValidationError:
        raise ItemError("invalid_type", "Expected `object` - at `$`. Remedy: send a JSON object.") from None
    kept = {}
    for name, (attribute, kind) in _fields_of(wanted, frozenset(given)).items():
        value = _read(bytes(given[name]), kind, f"{path}.{name}")
        if value is not msgspec.UNSET:
            kept[attribute] = value
    return wanted(**kept)


def empty_as_object(value: Any) -> Any:
    """The value; PHP's empty list as the empty object that it is."""
    return {} if value == [] else value


def id_text(value: Any) -> str | None:
    """An id as text, whatever simple type it came as; None for what is no id."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value) if isinstance(value, str | int) else None


def _read(raw: bytes, wanted: Any, place: str) -> Any:
    try:
        return msgspec.json.decode(raw, type=wanted)
    except msgspec.ValidationError as error:
        if str(error).startswith(OUT_OF_RANGE):
            raise number_out_of_range(error) from None
        inner = _struct_in(wanted)
        if inner is not None and raw.startswith(b"{"):
            return decode_leniently(raw, inner, path=place)
        value = _as_wanted(decode(raw), wanted)
        if value is msgspec.UNSET:
            note("invalid_type", f"The field {place} is passed over: {error}.")
        return value


def _as_wanted(value: Any, wanted: Any) -> Any:
    """The value in another type that says the same; UNSET where there is none."""
    is_id = int in get_args(wanted)
    text = id_text(value) if is_id or not isinstance(value, bool) else None
    for other in (empty_as_object(value), text):
        try:
            if other is not None:
                return msgspec.convert(other, wanted)
        except msgspec.ValidationError:
            continue
    return msgspec.UNSET


def _struct_in(wanted: Any) -> type[msgspec.Struct] | None:
    kinds = (wanted, *get_args(wanted))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), None)


def _fields_of(wanted: Any, given: frozenset[str]) -> dict[str, tuple[str, Any]]:
    """Those of the given fields that the type has, as attribute and type; a dict has them all."""
    if get_origin(wanted) is dict:
        return {name: (name, get_args(wanted)[1]) for name in given}
    known = {field.encode_name: (field.name, field.type) for field in _struct_fields(wanted)}
    return {name: known[name] for name in given & known.keys()}


_struct_fields: Final = cache(msgspec.structs.fields)
