"""The six calls as they come over the wire, one raw item at a time."""

from hashlib import blake2b
from typing import Any, Final

import msgspec

from engage_server.customers.placeholder_ids import NO_MESSAGE_IDS
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import PersonKey
from engage_server.ingest.limits import MAX_ID_LENGTH
from engage_server.ingest.notes import note
from engage_server.ingest.protocols.leniency import OUT_OF_RANGE, decode_leniently
from engage_server.ingest.validation import (
    check_depth,
    check_frame,
    check_values,
    decode,
    has_odd_numbers,
    number_out_of_range,
    rewrite_numbers,
    too_deep,
)

Id = str | int | None
NONE: Final = msgspec.Raw(b"null")


class Context(msgspec.Struct, gc=False):
    """What surrounds a call; RudderStack's Python SDK puts the traits of identify here."""

    groupId: Id = None
    traits: dict[str, Any] | None = None
    consent: Any = None


class Call(msgspec.Struct, gc=False):
    """One call, names as on the wire. ``properties`` stays raw: most are never looked into."""

    type: str | None = None
    messageId: str | None = None
    userId: Id = None
    anonymousId: Id = None
    previousId: Id = None
    groupId: Id = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    properties: msgspec.Raw = NONE
    traits: dict[str, Any] | None = None
    context: Context | None = None
    timestamp: Any = None
    originalTimestamp: Any = None
    sentAt: Any = None


_call: Final = msgspec.json.Decoder(Call)
NOT_IN_MESSAGE_ID: Final = ("sentAt", "writeKey")  # differ between two deliveries of the same call


def read_call(raw: bytes) -> Call:
    """The call in a raw item; a field of another type costs itself, on note.

    Of depth and numbers only those of what is read count: properties, traits and consent.

    Raises:
        ItemError: it is no JSON object, or holds what cannot be kept.
    """
    check_frame(raw)
    try:
        call = _decoded(raw)
        call.properties = _properties(call.properties)
    except RecursionError:
        raise too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ItemError("invalid_json", f"The item is no JSON: {error}.") from None
    check_values(call.traits, below=1)
    check_values(call.context and call.context.traits, below=2)
    return call


def _decoded(raw: bytes) -> Call:
    try:
        return _call.decode(raw)
    except msgspec.ValidationError as error:
        if str(error).startswith(OUT_OF_RANGE):
            raise number_out_of_range(error) from None
        check_depth(raw)  # as every protocol says of such an item
        return decode_leniently(raw, Call)


def _properties(raw: msgspec.Raw) -> msgspec.Raw:
    text = bytes(raw)
    if text == b"null":
        return msgspec.Raw(b"{}")
    if not text.startswith(b"{"):
        if decode(text) != []:  # as PHP writes an empty object
            note("invalid_type", "The field $.properties is passed over: it is no object.")
        return msgspec.Raw(b"{}")
    text.decode()  # a raw field has not been looked at: it may not even be UTF-8
    check_depth(text, below=1)
    return msgspec.Raw(rewrite_numbers(text)) if has_odd_numbers(text) else raw


def message_id(call: Call, raw: bytes) -> str:
    """The call's own id, or one derived from what it says, which a repeated delivery says again.

    Raises:
        ItemError: it is too long to be kept.
    """
    if call.messageId and call.messageId not in NO_MESSAGE_IDS:
        return _within(call.messageId, "messageId")
    said = {key: value for key, value in decode(raw).items() if key not in NOT_IN_MESSAGE_ID}
    return "derived-" + blake2b(msgspec.json.encode(said, order="sorted"), digest_size=16).hexdigest()


def person_key(call: Call) -> PersonKey:
    """The person that the call is about; both names None where it names nobody.

    Raises:
        ItemError: a name is too long.
    """
    return PersonKey(identifier(call.userId, "userId"), identifier(call.anonymousId, "anonymousId"))


def require_person(call: Call) -> PersonKey:
    """As ``person_key``, of a call that has to name somebody.

    Raises:
        ItemError: neither userId nor anonymousId does, or one is too long.
    """
    key = person_key(call)
    if key == PersonKey():
        raise ItemError(
            "missing_user", "The call has neither userId nor anonymousId. Remedy: send one of them."
        )
    return key


def account_of(call: Call) -> str | None:
    """The account that an event names, in context.groupId."""
    return None if call.context is None else identifier(call.context.groupId, "context.groupId")


def identifier(value: Id, field: str) -> str | None:
    """An id as text; null and empty are none.

    Raises:
        ItemError: too long.
    """
    return None if value is None or value == "" else _within(str(value), field)


def _within(text: str, field: str) -> str:
    if len(text) > MAX_ID_LENGTH:
        raise ItemError(
            "id_too_long", f"{field} has {len(text)} characters, over the limit of {MAX_ID_LENGTH}."
        )
    return text
