"""PostHog's protocol: /batch/, /capture/ and /e/ of its server and browser SDKs."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

import msgspec

from engage_server.ingest.delivery import Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.json_items import NOT_JSON, has_field, open_array, open_object
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
from engage_server.ingest.protocols.forms import unwrap
from engage_server.ingest.protocols.segment.calls import Call, Context, Id
from engage_server.ingest.protocols.traits import account_in, read_operations, require_account

Object = dict[str, Any]
KINDS_OF_ERROR: Final = {
    401: "authentication_error",
    429: "throttled_error",
    500: "server_error",
    503: "server_error",
}
NOT_PROPERTIES: Final = frozenset({"$set", "$set_once", "$unset", "token", "distinct_id"})
PAGES: Final = {"$pageview": "page", "$screen": "screen"}
ALIASES: Final = frozenset({"$create_alias", "$merge_dangerously"})
IDENTIFIES: Final = frozenset({"$identify", "$set"})
MAX_OFFSET_MS: Final = 10 * 366 * 86_400_000


class Event(msgspec.Struct, gc=False):
    """One event as on the wire; server SDKs put $set beside the properties, the browser's among them."""

    event: str | None = None
    distinct_id: Id = None
    properties: Object = {}
    timestamp: Any = None
    offset: Any = None
    uuid: str | None = None
    set: Object | None = msgspec.field(name="$set", default=None)
    set_once: Object | None = msgspec.field(name="$set_once", default=None)
    token: Any = None
    api_key: Any = None


_event: Final = msgspec.json.Decoder(Event)


def _parse(request: TrackingRequest) -> ParsedRequest:
    body = request.body
    is_batch = body.lstrip().startswith(b"[") or has_field(body, "batch")
    contents = open_array(body, "batch") if is_batch else open_object(body)
    sent_at = canonical_calls.sent_time(contents.fields.get("sent_at") or request.parameter("_"))
    if contents.fields.get("historical_migration") is True:
        sent_at = None  # such events keep the time that they bear
    key = contents.text("api_key", "token") or next(filter(None, map(_token, contents.items)), "")
    return ParsedRequest(contents.items, key=key, sent_at=sent_at)


def _token(raw: bytes) -> str:
    try:
        event = _event.decode(raw)
    except NOT_JSON:
        return ""
    return next((token for token in _tokens(event) if isinstance(token, str) and token), "")


def _tokens(event: Event) -> tuple[Any, ...]:
    return event.api_key, event.token, event.properties.get("token")


def _read_calls(raw: bytes, delivery: Delivery) -> Iterable[CanonicalCall]:
    event = canonical_calls.read(raw, _event)
    for token in _tokens(event):
        canonical_calls.require_own_key(token, delivery)
    return _calls(event)


def _calls(event: Event) -> Iterator[CanonicalCall]:
    name, bag = event.event or "", event.properties
    if name in ALIASES:
        previous, user = _who(event)[0], bag.get("alias")
        previous, user = (previous, user) if name == "$create_alias" else (user, previous)
        yield CanonicalCall(
            Call(type="alias", previousId=canonical_calls.id_of(previous), userId=canonical_calls.id_of(user))
        )
        return
    if name == "$groupidentify":
        require_account(bag.get("$group_type"))
        traits, _ = read_operations([("$set", bag.get("$group_set"))])
        yield CanonicalCall(
            Call(type="group", groupId=canonical_calls.id_of(bag.get("$group_key")), traits=traits),
        )
    elif name not in IDENTIFIES:
        yield _event_call(event, name)
    operations = [("$set", event.set), ("$set_once", event.set_once)]
    operations += [(name, bag.get(name)) for name in ("$set", "$set_once", "$unset")]
    traits, defaults = read_operations(operations)
    if name in IDENTIFIES or traits or defaults:
        yield CanonicalCall(_call(event, "identify", traits=traits), defaults=defaults)
    account = account_in(bag.get("$groups"))
    if account is not None and _who(event)[0] is not None:
        yield CanonicalCall(_call(event, "group", groupId=account))


def _event_call(event: Event, name: str) -> CanonicalCall:
    bag = canonical_calls.properties(event.properties, without=NOT_PROPERTIES)
    call = _call(event, PAGES.get(name, "track"), properties=bag)
    call.event = name
    call.context = Context(groupId=account_in(event.properties.get("$groups")))
    call.messageId = event.uuid or canonical_calls.derived_id(
        name, event.distinct_id, event.timestamp, bytes(bag).decode()
    )
    return CanonicalCall(call, passive=name.startswith("$"), ago=_age(event))


def _age(event: Event) -> timedelta | None:
    if event.timestamp is not None or event.offset is None:
        return None
    is_number = isinstance(event.offset, int | float) and not isinstance(event.offset, bool)
    if not is_number or not 0 <= event.offset <= MAX_OFFSET_MS:
        raise ItemError("invalid_timestamp", "offset must be the event's age in milliseconds.")
    return timedelta(milliseconds=event.offset)


def _call(event: Event, kind: str, **fields: Any) -> Call:
    user, device = _who(event)
    return Call(type=kind, userId=user, anonymousId=device, timestamp=event.timestamp, **fields)


def _who(event: Event) -> tuple[Id, Id]:
    """User and device: an id that PostHog itself would give no profile is a device's."""
    bag = event.properties
    name = canonical_calls.id_of(bag.get("distinct_id")) if event.distinct_id is None else event.distinct_id
    personless = bag.get("$process_person_profile") is False or bag.get("$is_identified") is False
    if event.event not in IDENTIFIES and (personless or (name is not None and bag.get("$device_id") == name)):
        return None, name
    return name, canonical_calls.id_of(bag.get("$anon_distinct_id"))


def _accept(request: TrackingRequest, parsed: ParsedRequest, receipt: Receipt) -> Reply:
    counts = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
    return Reply({"status": 1, **counts, "rejected": receipt.listed(), **receipt.remarks()})


def _refuse(refusal: ErrorReply) -> Reply:
    kind = KINDS_OF_ERROR.get(refusal.status, "validation_error")
    return Reply({"type": kind, "code": refusal.code, "detail": refusal.message, "attr": None})


POSTHOG: Final = TrackingProtocol(
    "posthog",
    _parse,
    canonical_calls.translate_by(_read_calls),
    _accept,
    _refuse,
    methods=("POST", "GET"),
    unwrap=unwrap,
)
