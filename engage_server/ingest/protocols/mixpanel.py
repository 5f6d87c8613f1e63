"""Mixpanel's protocol: /track, /engage, /groups and /import, with JSON or base64 in a form field or the address."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from engage_server.ingest.delivery import Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.json_items import (
    NOT_JSON,
    Contents,
    open_array,
    open_object,
    too_many_items,
)
from engage_server.ingest.limits import MAX_ITEMS
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
from engage_server.ingest.protocols.traits import account_in, read_operations, require_account, without_dollar

Object = dict[str, Any]
PROFILES: Final = frozenset({"engage", "groups"})
NOT_PROPERTIES: Final = frozenset({"token", "distinct_id", "time", "$insert_id", "$user_id", "$device_id"})
VERBOSE: Final = "verbose"
IMPORTED: Final = "imported"
DEVICE: Final = "$device:"
PAGES: Final = frozenset({"$mp_web_page_view", "mp_page_view"})
MILLISECONDS_FROM: Final = 10**11  # as seconds that would be the year 5138


class Event(msgspec.Struct, gc=False):
    """One event of /track or /import; whom, when and under which id stand among the properties."""

    properties: Object = {}
    event: str | None = None


_event: Final = msgspec.json.Decoder(Event)
_profile: Final = msgspec.json.Decoder(Object)


def _parse(request: TrackingRequest) -> ParsedRequest:
    body = request.body
    contents = _contents(body, of_lines=request.kind == "import")
    key = request.parameter("token") or next(filter(None, map(_token, contents.items)), "")
    style = VERBOSE if request.parameter("verbose") == "1" else ""
    style = IMPORTED if request.kind == "import" and not request.is_form else style
    return ParsedRequest(contents.items, key=key, style=style)


def _contents(body: bytes, *, of_lines: bool) -> Contents:
    if body.lstrip().startswith(b"["):
        return open_array(body, "")
    lines = [line for line in body.splitlines() if line.strip()]
    # A single object may have line breaks in it; of NDJSON the first line by itself is one, or is broken.
    if of_lines and len(lines) > 1 and not _is_json(body):
        if len(lines) > MAX_ITEMS:
            raise too_many_items()
        return Contents(lines, {})
    return open_object(body)


def _is_json(body: bytes) -> bool:
    try:
        _profile.decode(body)
    except NOT_JSON:
        return False
    return True


def _token(raw: bytes) -> str:
    try:
        item = _profile.decode(raw)
    except NOT_JSON:
        return ""
    inner = item.get("properties")
    token = item.get("$token") or (inner.get("token") if isinstance(inner, dict) else None)
    return token if isinstance(token, str) else ""


def _read_calls(raw: bytes, delivery: Delivery) -> Iterable[CanonicalCall]:
    if delivery.kind in PROFILES:
        profile = canonical_calls.read(raw, _profile)
        canonical_calls.require_own_key(profile.get("$token"), delivery)
        calls = _person(profile) if delivery.kind == "engage" else _group(profile)
    else:
        event = canonical_calls.read(raw, _event)
        canonical_calls.require_own_key(event.properties.get("token"), delivery)
        calls = _event_call(event)
    return calls


def _person(profile: Object) -> Iterator[CanonicalCall]:
    traits, defaults = read_operations(profile.items())
    user, device = _who(canonical_calls.id_of(profile.get("$distinct_id")))
    call = Call(type="identify", userId=user, anonymousId=device, traits=without_dollar(traits))
    yield CanonicalCall(call, defaults=without_dollar(defaults))
    account = account_in(traits)
    if account is not None:
        yield CanonicalCall(Call(type="group", groupId=account, userId=user, anonymousId=device))


def _group(profile: Object) -> Iterator[CanonicalCall]:
    require_account(profile.get("$group_key"))
    traits, defaults = read_operations(profile.items())
    account = canonical_calls.id_of(profile.get("$group_id"))
    call = Call(type="group", groupId=account, traits=without_dollar(traits))
    yield CanonicalCall(call, defaults=without_dollar(defaults))


def _event_call(event: Event) -> Iterator[CanonicalCall]:
    name, bag = event.event or "", event.properties
    if name in {"$create_alias", "$merge"}:
        yield CanonicalCall(_alias(name, bag))
        return
    if name == "$identify":
        user = canonical_calls.id_of(bag.get("$identified_id", bag.get("distinct_id")))
        device = canonical_calls.id_of(bag.get("$anon_id", bag.get("$anon_distinct_id")))
        yield CanonicalCall(Call(type="identify", userId=user, anonymousId=device, timestamp=_time(bag)))
        return
    call = Call(type="page" if name in PAGES else "track", event=name, timestamp=_time(bag))
    user, device = _who(canonical_calls.id_of(bag.get("distinct_id")))
    call.userId = canonical_calls.id_of(bag.get("$user_id")) or user
    call.anonymousId = canonical_calls.id_of(bag.get("$device_id")) or device
    call.context = Context(groupId=account_in(bag))
    call.properties = canonical_calls.properties(bag, without=NOT_PROPERTIES)
    call.messageId = _message_id(name, bag)
    yield CanonicalCall(call, passive=name.startswith("$"))


def _message_id(name: str, bag: Object) -> str:
    """Mixpanel's own rule: event, distinct id, time and insert id; without the last the whole event counts."""
    same = bag.get("$insert_id") or {key: value for key, value in bag.items() if key != "token"}
    return canonical_calls.derived_id(name, bag.get("distinct_id"), bag.get("time"), same)


def _alias(name: str, bag: Object) -> Call:
    pair = bag.get("$distinct_ids") if name == "$merge" else [bag.get("alias"), bag.get("distinct_id")]
    if not isinstance(pair, list) or len(pair) != 2:
        raise ItemError("missing_user", "$merge needs two $distinct_ids. Remedy: send both.")
    return Call(
        type="alias", userId=canonical_calls.id_of(pair[0]), previousId=canonical_calls.id_of(pair[1])
    )


def _who(distinct_id: Id) -> tuple[Id, Id]:
    """User and device."""
    if isinstance(distinct_id, str) and distinct_id.startswith(DEVICE):
        return None, distinct_id.removeprefix(DEVICE)
    return distinct_id, None


def _time(bag: Object) -> str | None:
    reported = bag.get("time")
    is_long = isinstance(reported, int | float) and abs(reported) >= MILLISECONDS_FROM
    return canonical_calls.iso_time(reported, per_second=1000 if is_long else 1)


def _accept(request: TrackingRequest, parsed: ParsedRequest, receipt: Receipt) -> Reply:
    if parsed.style == IMPORTED:
        taken, failed = receipt.accepted + receipt.duplicates, receipt.listed()
        answer = {"code": 200, "status": "OK", "num_records_imported": taken, "failed_records": failed}
        return Reply({**answer, **receipt.remarks()})
    if parsed.style == VERBOSE:
        return Reply({"status": 1, "error": None, "rejected": receipt.listed(), **receipt.remarks()})
    return Reply(b"1", content_type="text/plain")


def _refuse(refusal: ErrorReply) -> Reply:
    return Reply({"status": 0, "code": refusal.code, "error": refusal.message})


MIXPANEL: Final = TrackingProtocol(
    "mixpanel",
    _parse,
    canonical_calls.translate_by(_read_calls),
    _accept,
    _refuse,
    methods=("POST", "GET"),
    unwrap=unwrap,
)
