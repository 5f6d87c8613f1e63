"""Snowplow's tracker protocol: POST /com.snowplowanalytics.snowplow/tp2 and the pixel GET /i.

Trackers send no key: it is the first part of the collector's path, or the app id (``aid``) of the events.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from engage_server.ingest.delivery import Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.json_items import NOT_JSON, open_array
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
from engage_server.ingest.protocols.leniency import id_text
from engage_server.ingest.protocols.segment.calls import Call, Context
from engage_server.ingest.protocols.traits import is_account

Object = dict[str, Any]
Fields = dict[str, str | int | float | None]
PAGE: Final = {"url": "url", "page": "title", "refr": "referrer"}
STRUCTURED: Final = {"se_ca": "category", "se_la": "label", "se_pr": "property", "se_va": "value"}
PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

_fields: Final = msgspec.json.Decoder(Fields)


def _parse(request: TrackingRequest) -> ParsedRequest:
    raws = [msgspec.json.encode(dict(request.query or {}))]
    if request.method == "POST":
        raws = open_array(request.body, "data").items
    return ParsedRequest(raws, key=request.path_key or next(filter(None, map(_app_id, raws)), ""))


def _app_id(raw: bytes) -> str:
    try:
        return _text(_fields.decode(raw), "aid") or ""
    except NOT_JSON:
        return ""


def _read_calls(raw: bytes, delivery: Delivery) -> Iterable[CanonicalCall]:
    event = canonical_calls.read(raw, _fields)
    canonical_calls.require_own_key(event.get("aid"), delivery)
    return [_canonical_call(event)]


def _canonical_call(event: Fields) -> CanonicalCall:
    kind, passive = event.get("e"), False
    if kind in {"pv", "pp"}:
        name = "Page Viewed" if kind == "pv" else "Page Pinged"
        bag, passive = _renamed(event, PAGE), True
    elif kind == "se":
        name, bag = str(event.get("se_ac") or ""), _renamed(event, STRUCTURED)
    elif kind == "ue":
        name, bag = _self_described(event)
    else:
        raise ItemError("unknown_type", f"Events of the type {str(kind)[:40]!r} are none of pv, pp, se, ue.")
    call = Call(type="track", event=name, properties=canonical_calls.properties(bag))
    call.userId, call.anonymousId = _text(event, "uid"), _text(event, "duid") or _text(event, "nuid")
    call.context = Context(groupId=_account(event))
    reported = event.get("ttm") or event.get("dtm")
    call.timestamp = canonical_calls.iso_time(reported, per_second=1000)
    call.sentAt = None if event.get("ttm") else canonical_calls.iso_time(event.get("stm"), per_second=1000)
    same = {key: value for key, value in event.items() if key not in {"stm", "aid"}}
    call.messageId = _text(event, "eid") or canonical_calls.derived_id(same)
    return CanonicalCall(call, passive=passive)


def _text(event: Fields, name: str) -> str | None:
    return id_text(event.get(name)) or None


def _renamed(event: Fields, names: dict[str, str]) -> Object:
    return {name: event[field] for field, name in names.items() if event.get(field) is not None}


def _self_described(event: Fields) -> tuple[str, Object]:
    """The name of the schema, e.g. button_click, and the data that it describes."""
    inner = _embedded(event, plain="ue_pr", packed="ue_px")
    described = inner.get("data") if isinstance(inner, dict) else None
    data = described.get("data") if isinstance(described, dict) else None
    if not isinstance(described, dict) or not isinstance(data, dict):
        raise ItemError(
            "missing_event", "The event describes nothing. Remedy: send ue_pr or ue_px with data."
        )
    return _schema_name(described), data


def _schema_name(described: Object) -> str:
    parts = str(described.get("schema")).split("/")  # iglu:vendor/name/jsonschema/1-0-0
    return parts[1] if len(parts) == 4 else ""


def _account(event: Fields) -> str | None:
    """The id in the first context whose schema is named after a kind of account."""
    try:
        contexts = _embedded(event, plain="co", packed="cx")
    except ItemError as error:
        note(error.code, f"The contexts are passed over: {error}")
        return None
    entities = contexts.get("data") if isinstance(contexts, dict) else None
    for entity in entities if isinstance(entities, list) else []:
        data = entity.get("data") if isinstance(entity, dict) else None
        if isinstance(data, dict) and is_account(_schema_name(entity)):
            return id_text(data.get("id"))
    return None


def _embedded(event: Fields, *, plain: str, packed: str) -> Any:
    text = event.get(plain) or event.get(packed)
    if not text:
        return None
    try:
        raw = str(text).encode()
        if not event.get(plain):
            raw = base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
        return msgspec.json.decode(raw)
    except (*NOT_JSON, binascii.Error, UnicodeEncodeError) as error:
        raise ItemError("invalid_json", f"{plain} or {packed} is no JSON: {error}.") from None


def _accept(request: TrackingRequest, parsed: ParsedRequest, receipt: Receipt) -> Reply:
    if request.method == "GET":
        return Reply(PIXEL, content_type="image/gif")
    return Reply(b"ok", content_type="text/plain")


def _refuse(refusal: ErrorReply) -> Reply:
    return Reply({"code": refusal.code, "message": refusal.message})


SNOWPLOW: Final = TrackingProtocol(
    "snowplow", _parse, canonical_calls.translate_by(_read_calls), _accept, _refuse, methods=("POST", "GET")
)
