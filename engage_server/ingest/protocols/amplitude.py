"""Amplitude's protocol: /2/httpapi and /batch of its server and browser SDKs."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from engage_server.ingest.delivery import Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.json_items import open_array
from engage_server.ingest.notes import note
from engage_server.ingest.outcomes import Receipt
from engage_server.ingest.protocols import canonical_calls
from engage_server.ingest.protocols.base import (
    ErrorReply,
    ParsedRequest,
    Reply,
    TrackingProtocol,
    TrackingRequest,
)
from engage_server.ingest.protocols.canonical_calls import CanonicalCall
from engage_server.ingest.protocols.segment.calls import Call, Context, Id
from engage_server.ingest.protocols.traits import account_in, is_account, read_operations, require_account

Object = dict[str, Any]
PAGES: Final = frozenset({"[Amplitude] Page Viewed"})
OWN_EVENTS: Final = frozenset({"session_start", "session_end"})


class Event(msgspec.Struct, gc=False):
    """One event as on the wire; ``time`` is in milliseconds since 1970."""

    event_type: str | None = None
    user_id: Id = None
    device_id: Id = None
    time: Any = None
    insert_id: str | None = None
    event_properties: Object | None = None
    user_properties: Object | None = None
    groups: Object | None = None
    group_properties: Object | None = None


_event: Final = msgspec.json.Decoder(Event)


def _parse(request: TrackingRequest) -> ParsedRequest:
    contents = open_array(request.body, "events")
    sent_at = canonical_calls.sent_time(contents.fields.get("client_upload_time"))
    return ParsedRequest(contents.items, key=contents.text("api_key"), sent_at=sent_at)


def _read_calls(raw: bytes, delivery: Delivery) -> Iterable[CanonicalCall]:
    return _calls(canonical_calls.read(raw, _event))


def _calls(event: Event) -> Iterator[CanonicalCall]:
    name = event.event_type or ""
    if name == "$groupidentify":
        yield from _accounts(event)
        return
    if name != "$identify":
        yield _event_call(event, name)
    traits, defaults = _profile(event.user_properties or {})
    if name == "$identify" or traits or defaults:
        yield CanonicalCall(_call(event, "identify", traits=traits), defaults=defaults)
    if name == "$identify" and event.groups:
        for account in _ids(event.groups):
            yield CanonicalCall(_call(event, "group", groupId=account))


def _event_call(event: Event, name: str) -> CanonicalCall:
    bag = event.event_properties or {}
    call = _call(event, "page" if name in PAGES else "track", properties=canonical_calls.properties(bag))
    call.event = name
    call.context = Context(groupId=account_in(event.groups))
    call.messageId = event.insert_id or canonical_calls.derived_id(
        name, event.user_id, event.device_id, event.time, bag, event.groups
    )
    return CanonicalCall(call, passive=name in OWN_EVENTS or name.startswith("[Amplitude]"))


def _accounts(event: Event) -> Iterator[CanonicalCall]:
    groups = event.groups or {}
    if not groups:
        raise ItemError(
            "missing_group", "The $groupidentify event has no groups. Remedy: send type and name."
        )
    for group_type in groups:
        require_account(group_type)
    traits, defaults = _profile(event.group_properties or {})
    for account in _ids(groups):
        yield CanonicalCall(Call(type="group", groupId=account, traits=traits), defaults=defaults)


def _profile(bag: Mapping[str, Any]) -> tuple[Object, Object]:
    """Operations, or plain properties, which are to be set."""
    is_plain = not any(name.startswith("$") for name in bag)
    return read_operations([("$set", bag)] if is_plain else bag.items())


def _ids(groups: Mapping[str, Any]) -> Iterator[str]:
    for group_type, value in groups.items():
        names = value if isinstance(value, list) else [value]
        for name in names if is_account(group_type) else []:
            account = account_in({group_type: name})
            if account is None:
                note("invalid_type", "A group is passed over: it must be a text or a list of texts.")
            else:
                yield account


def _call(event: Event, kind: str, **fields: Any) -> Call:
    time = canonical_calls.iso_time(event.time, per_second=1000)
    return Call(type=kind, userId=event.user_id, anonymousId=event.device_id, timestamp=time, **fields)


def _accept(request: TrackingRequest, parsed: ParsedRequest, receipt: Receipt) -> Reply:
    return Reply(
        {
            "code": 200,
            "events_ingested": receipt.accepted + receipt.duplicates,
            "payload_size_bytes": len(request.body),
            "server_upload_time": int(datetime.now(UTC).timestamp() * 1000),
            "rejected": receipt.listed(),
            **receipt.remarks(),
        }
    )


def _refuse(refusal: ErrorReply) -> Reply:
    # The SDKs read the code out of the body, and tell a bad key from a passing fault by these words.
    error = f"Invalid API key: {refusal.message}" if refusal.status == 401 else refusal.message
    answer: dict[str, Any] = {"code": refusal.status, "error": error}
    if refusal.status == 429:
        # They read no Retry-After, and send again at once what is not named here; the rest after half a minute.
        answer["throttled_events"] = list(range(refusal.items))
    return Reply(answer)


AMPLITUDE: Final = TrackingProtocol(
    "amplitude", _parse, canonical_calls.translate_by(_read_calls), _accept, _refuse
)
