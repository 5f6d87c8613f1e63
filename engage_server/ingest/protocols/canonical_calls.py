"""The vocabulary that all protocols are put into: the six calls of Segment's spec, and what they cannot say."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from engage_server.access.key_format import PREFIX
from engage_server.ingest.delivery import Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import AccountItem, EventItem, Item, PersonItem
from engage_server.ingest.json_items import NOT_JSON
from engage_server.ingest.notes import note
from engage_server.ingest.placeholders import without_placeholders
from engage_server.ingest.protocols.base import Translate
from engage_server.ingest.protocols.leniency import decode_leniently, id_text
from engage_server.ingest.protocols.segment.calls import Call, Id
from engage_server.ingest.protocols.segment.translation import TRANSLATORS
from engage_server.ingest.validation import check_item, check_traits

Wire = TypeVar("Wire")


@dataclass(frozen=True, slots=True)
class CanonicalCall:
    """A call, its ``type`` set, and what goes beyond it.

    ``defaults`` are traits that stand only where none is known; ``passive`` marks what a library sends by itself;
    ``ago`` is the age of an event whose client tells no time.
    """

    call: Call
    defaults: Mapping[str, Any] = field(default_factory=dict)
    passive: bool = False
    ago: timedelta | None = None


ReadCalls = Callable[[bytes, Delivery], Iterable[CanonicalCall]]


def read(raw: bytes, decoder: "msgspec.json.Decoder[Wire]") -> Wire:
    """A raw item in the form of its protocol; a field of another type costs itself, on note.

    Raises:
        ItemError: it is no JSON object, or holds what cannot be kept.
    """
    check_item(raw)
    try:
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError:
            return decode_leniently(raw, decoder.type)
    except NOT_JSON as error:
        raise ItemError("invalid_json", f"The item is no JSON: {error}.") from None


def translate_by(read_calls: ReadCalls) -> Translate:
    """The translation of a protocol whose items are read as calls."""

    def translate(raw: bytes, delivery: Delivery) -> list[Item]:
        items = [
            _complete(item, call, delivery.received_at)
            for call in read_calls(raw, delivery)
            for item in TRANSLATORS[call.call.type or ""](call.call, raw, delivery)
        ]
        return without_placeholders(items, delivery.conventions.placeholder_ids)

    return translate


def _complete(item: Item, call: CanonicalCall, received_at: datetime) -> Item:
    if isinstance(item, EventItem):
        occurred_at = item.occurred_at if call.ago is None else received_at - call.ago
        return msgspec.structs.replace(item, passive=item.passive or call.passive, occurred_at=occurred_at)
    if isinstance(item, PersonItem | AccountItem) and call.defaults:
        check_traits({**item.traits, **call.defaults})
        return replace(item, defaults=call.defaults)
    return item


def derived_id(*parts: Any) -> str:
    """A message id for an item without one: the same for the same content."""
    return "derived-" + blake2b(msgspec.json.encode(parts, order="sorted"), digest_size=16).hexdigest()


def properties(kept: Mapping[str, Any], *, without: Iterable[str] = ()) -> msgspec.Raw:
    """Properties of a call, less what has become something else."""
    left = set(without)
    return msgspec.Raw(msgspec.json.encode({key: value for key, value in kept.items() if key not in left}))


def id_of(value: Any) -> Id:
    """An id out of a bag of properties; None for what is no id, on note."""
    text = id_text(value)
    if text is None and value is not None:
        note("invalid_type", "An id was passed over: it must be a text or a whole number.")
    return text


def iso_time(epoch: Any, *, per_second: int) -> str | None:
    """A number since 1970, or a text with one, as ISO 8601; None stays None.

    Raises:
        ItemError: it is no such number, or no year from 1 to 9999.
    """
    if epoch is None:
        return None
    try:
        number = int(epoch) if isinstance(epoch, str) and epoch.lstrip("-").isdecimal() else float(epoch)
        if isinstance(epoch, bool):
            raise TypeError
        return datetime.fromtimestamp(number / per_second, UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        unit = "seconds" if per_second == 1 else "milliseconds"
        raise ItemError(
            "invalid_timestamp", f"The time {str(epoch)[:60]!r} is no number of {unit} since 1970."
        ) from None


def sent_time(reported: Any) -> Any:
    """When a client says that it sent: text as it is, a number as milliseconds since 1970, what is neither as None."""
    if isinstance(reported, str) and not reported.isdecimal():
        return reported
    try:
        return iso_time(reported, per_second=1000)
    except ItemError:
        return None


def require_own_key(token: Any, delivery: Delivery) -> None:
    """Refuse an item that bears another key of this server than its request: it may be another tenant's.

    Raises:
        ItemError: it does.
    """
    if isinstance(token, str) and token.startswith(PREFIX) and token != delivery.key:
        raise ItemError(
            "foreign_key", "The item bears another key than its request. Remedy: one request for each key."
        )
