"""The view of every tracking protocol. SDKs send again upon anything but exactly 200 and drop a batch upon 4xx; so good
items are always taken, and 200 follows the commit."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final, NamedTuple

import msgspec
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from engage_server.access.exceptions import AccessError
from engage_server.access.keys import KeyIdentity
from engage_server.access.request_tenant import find_tenant
from engage_server.ingest.delivery import Conventions, Delivery
from engage_server.ingest.event_budget import spend_events
from engage_server.ingest.exceptions import IngestError
from engage_server.ingest.failures import refusal_of
from engage_server.ingest.json_items import has_field
from engage_server.ingest.keys import header_key, identify_client, require_key_near_ends
from engage_server.ingest.pipeline import ingest_events, ingest_items
from engage_server.ingest.protocols.base import (
    ErrorReply,
    ParsedRequest,
    Reply,
    TrackingProtocol,
    TrackingRequest,
)
from engage_server.ingest.request_body import read_body
from engage_server.ingest.source_rules import apply_source_rules, is_unrestricted
from engage_server.telemetry import counters
from engage_server.tenancy.database_errors import DATABASE_UNAVAILABLE
from engage_server.tenancy.exceptions import TenantSuspendedError
from engage_server.tenancy.scope import tenant_scope

OPENED: Final = "engage.opened"  # in a request that the front looked at before: what was found
REFUSALS: Final = (IngestError, AccessError, TenantSuspendedError, DisallowedHost, *DATABASE_UNAVAILABLE)


class _Sender(NamedTuple):
    """Who sent a request, and under which key."""

    key: str
    identity: KeyIdentity


class _Opened(NamedTuple):
    """A request that was read and whose sender is verified; ``parsed`` where that took parsing."""

    protocol: TrackingProtocol
    request: TrackingRequest
    sender: _Sender
    parsed: ParsedRequest | None = None


@counters.observed("ingest")
def track(
    request: HttpRequest,
    *,
    protocol: TrackingProtocol,
    siblings: Mapping[str, TrackingProtocol],
    kind: str = "",
    path_key: str | None = None,
) -> HttpResponse:
    """Take a request in and answer it in its protocol.

    Answers 200 once everything is committed; else 400 (no batch at all), 401 (key), 403 (suspended), 405, 413, 500 (a
    fault of ours), or with Retry-After 429 (a limit is reached) and 503 (database unavailable).

    Args:
        request: as it came.
        protocol: that of the path.
        siblings: protocols that share the path, by a field that only their bodies have.
        kind: what the path says of the items.
        path_key: a key that the path begins with.
    """
    if request.method not in protocol.methods:
        message = f"Remedy: send it by {' or '.join(protocol.methods)}."
        refusal = ErrorReply(405, "method_not_allowed", message)
        return _refuse(protocol, refusal, {"Allow": ", ".join(protocol.methods)})
    received_at = datetime.now(UTC)
    try:
        opened: _Opened | None = request.META.get(OPENED)
        if opened is None:
            tracking, sender = _read(request, protocol, kind, path_key)
            for field, sibling in siblings.items():
                protocol = sibling if has_field(tracking.body, field) else protocol
            opened = request.META[OPENED] = _authenticate_by_body(request, protocol, tracking, sender)
        protocol = opened.protocol
        find_tenant(request, opened.sender.identity.tenant.id)
        return _respond(_ingest(opened, received_at))
    except REFUSALS as error:
        return _refuse(protocol, *_explain(error, protocol))


def _read(
    request: HttpRequest, protocol: TrackingProtocol, kind: str, path_key: str | None
) -> tuple[TrackingRequest, _Sender | None]:
    """The request with its body as JSON, and its sender where a key stands outside of the body.

    Without a good key there nobody's body is read, and without one in the body it is not looked into any further.
    """
    key = header_key(request) or path_key
    sender = _Sender(key, identify_client(request, key)) if key else None
    if sender is not None:
        find_tenant(request, sender.identity.tenant.id)
    query = request.GET.dict() if request.META.get("QUERY_STRING") else None
    tracking = TrackingRequest(read_body(request), request.method or "", query, kind, path_key or "")
    if protocol.unwrap is not None:
        tracking = protocol.unwrap(tracking)
    if sender is None:
        require_key_near_ends(request, tracking.body)
    return tracking, sender


def _authenticate_by_body(
    request: HttpRequest, protocol: TrackingProtocol, tracking: TrackingRequest, sender: _Sender | None
) -> _Opened:
    """The request with its sender, by the key in its body where there was none before."""
    if sender is not None:
        return _Opened(protocol, tracking, sender)
    if protocol.read_key is not None:
        key = protocol.read_key(tracking.body)
        return _Opened(protocol, tracking, _Sender(key, identify_client(request, key)))
    parsed = protocol.parse(tracking)
    return _Opened(protocol, tracking, _Sender(parsed.key, identify_client(request, parsed.key)), parsed)


def _ingest(opened: _Opened, received_at: datetime) -> Reply:
    """Decode the items, spend the budget, store, and word the answer."""
    protocol, tracking, (key, identity), parsed = opened
    source = identity.source
    with tenant_scope(identity.tenant):
        parsed = parsed or _decode_events(opened, received_at) or protocol.parse(tracking)
        events = parsed.events
        spend_events(identity, len(parsed.items if events is None else events))
        delivery = Delivery(
            protocol.name,
            source,
            received_at,
            kind=tracking.kind,
            sent_at=parsed.sent_at,
            key=key,
            conventions=Conventions.of(identity.tenant),
        )
        if events is not None:
            receipt = ingest_events(events, raws=parsed.read_items, delivery=delivery)
        else:
            translate = apply_source_rules(
                partial(protocol.translate, delivery=delivery), source=source, received_at=received_at
            )
            receipt = ingest_items(parsed.items, translate=translate, delivery=delivery)
    return protocol.accept(tracking, parsed, receipt)


def _decode_events(opened: _Opened, received_at: datetime) -> ParsedRequest | None:
    identity = opened.sender.identity
    decode = opened.protocol.decode_events
    if decode is None or not is_unrestricted(identity.source):
        return None
    return decode(opened.request, received_at=received_at, placeholder_ids=identity.tenant.placeholder_ids)


def _explain(error: Exception, protocol: TrackingProtocol) -> tuple[ErrorReply, Mapping[str, str]]:
    """Why the request is refused, and the headers that say when to come again."""
    match error:
        case IngestError():
            return ErrorReply(error.status, error.code, str(error), error.items), error.headers
        case AccessError():
            # The SDKs know one answer to a key that does not open: 401.
            return ErrorReply(401, error.code.lower(), str(error)), {}
        case TenantSuspendedError():
            return ErrorReply(403, "tenant_suspended", str(error)), {}
        case DisallowedHost():
            message = "The Host header is no host name that is served here."
            return ErrorReply(400, "invalid_host", message), {}
    return refusal_of(error, protocol=protocol.name)


def _respond(reply: Reply) -> HttpResponse:
    body = reply.body if isinstance(reply.body, bytes) else msgspec.json.encode(reply.body)
    return HttpResponse(body, content_type=reply.content_type)


def _refuse(protocol: TrackingProtocol, refusal: ErrorReply, headers: Mapping[str, str]) -> HttpResponse:
    response = _respond(protocol.refuse(refusal))
    response.status_code = refusal.status
    for name, value in headers.items():
        response[name] = value
    return response
