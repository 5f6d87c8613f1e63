"""One request of any dialect from body to answer: 200 after the commit, with the rejects; else why nothing was taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from engage_server.access.exceptions import AccessError
from engage_server.access.keys import KeyIdentity
from engage_server.access.request_tenant import find_tenant
from engage_server.ingest.conventions import Conventions
from engage_server.ingest.exceptions import IngestError
from engage_server.ingest.failures import refusal_of
from engage_server.ingest.keys import header_key, identify_client, require_key_near_ends, spend_events
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.protocols.base import (
    Delivery,
    ErrorReply,
    ParsedRequest,
    Reply,
    TrackingProtocol,
    TrackingRequest,
)
from engage_server.ingest.protocols.json_items import has_field
from engage_server.ingest.quarantine.store import Origin
from engage_server.ingest.request_body import read_body
from engage_server.ingest.source_rules import apply_source_rules
from engage_server.ingest.views import DATABASE_UNAVAILABLE
from engage_server.telemetry import counters
from engage_server.tenancy.exceptions import TenantSuspendedError
from engage_server.tenancy.scope import tenant_scope

SENT: Final = "engage.sent"  # in a request that was looked at before: what was found


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request that was opened, and who sent it under which key."""

    dialect: TrackingProtocol
    incoming: TrackingRequest
    parcel: ParsedRequest
    key: str
    identity: KeyIdentity


@counters.observed("ingest")
def exchange(
    request: HttpRequest,
    *,
    dialect: TrackingProtocol,
    others: Mapping[str, TrackingProtocol] | None = None,
    kind: str = "",
    path_key: str | None = None,
) -> HttpResponse:
    """Take a request in and answer it in its dialect.

    Args:
        request: as it came.
        dialect: that of the path.
        others: dialects that share the path, by a field that only their bodies have.
        kind: what the path says of the items.
        path_key: a key that the path begins with.
    """
    if request.method not in dialect.methods:
        refusal = ErrorReply(405, "method_not_allowed", f"Remedy: send it by {' or '.join(dialect.methods)}.")
        return _refused(dialect, refusal, Allow=", ".join(dialect.methods))
    received_at = datetime.now(UTC)
    sent = request.META.get(SENT)
    try:
        if sent is None:
            key = header_key(request) or path_key or ""
            # What stands outside the body is looked at first: without a good key, nobody's body is read.
            identity = identify_client(request, key) if key else None
            if identity is not None:
                find_tenant(request, identity.tenant.id)
            incoming, dialect = _read(
                request, kind, path_key or "", dialect=dialect, others=others or {}, is_known=bool(key)
            )
            parcel = dialect.open(incoming)
            key = key or parcel.key
            sent = request.META[SENT] = _Sent(
                dialect, incoming, parcel, key, identity or identify_client(request, key)
            )
        dialect = sent.dialect
        find_tenant(request, sent.identity.tenant.id)
        return _respond(_take_in(sent, received_at=received_at))
    except IngestError as error:
        refusal = ErrorReply(error.status, error.code, str(error), error.items)
        return _refused(dialect, refusal, **error.headers)
    except AccessError as error:
        return _refused(dialect, ErrorReply(401, error.code.lower(), str(error)))
    except TenantSuspendedError as error:
        return _refused(dialect, ErrorReply(403, "tenant_suspended", str(error)))
    except DisallowedHost:
        message = "The Host header is no host name that is served here."
        return _refused(dialect, ErrorReply(400, "invalid_host", message))
    except DATABASE_UNAVAILABLE as error:
        refusal, headers = refusal_of(error, protocol=dialect.protocol)
        return _refused(dialect, refusal, **headers)


def _read(
    request: HttpRequest,
    kind: str,
    path_key: str,
    *,
    dialect: TrackingProtocol,
    others: Mapping[str, TrackingProtocol],
    is_known: bool,
) -> tuple[TrackingRequest, TrackingProtocol]:
    """The body as JSON, and whose dialect it is in; of somebody unknown it has borne a good key."""
    body = read_body(request)
    incoming = dialect.unwrap(TrackingRequest(body, request.method or "", request.GET.dict(), kind, path_key))
    if not is_known:
        require_key_near_ends(request, incoming.body)
    for field, other in others.items():
        dialect = other if has_field(incoming.body, field) else dialect
    return incoming, dialect


def _take_in(sent: _Sent, *, received_at: datetime) -> Reply:
    parcel, identity, kind = sent.parcel, sent.identity, sent.incoming.kind
    spend_events(identity, len(parcel.items))
    delivery = Delivery(
        received_at,
        identity.source,
        key=sent.key,
        sent_at=parcel.sent_at,
        kind=kind,
        conventions=Conventions.of(identity.tenant),
    )
    origin = Origin(sent.dialect.protocol, kind, parcel.sent_at, received_at, sent.key)
    with tenant_scope(identity.tenant):
        translate = partial(sent.dialect.translate, delivery=delivery)
        receipt = ingest_items(
            parcel.items,
            source=identity.source,
            translate=apply_source_rules(translate, source=identity.source, received_at=received_at),
            origin=origin,
        )
    return sent.dialect.accept(sent.incoming, parcel, receipt)


def _respond(answer: Reply, **headers: str) -> HttpResponse:
    body = answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
    return HttpResponse(body, content_type=answer.content_type, headers=headers)


def _refused(dialect: TrackingProtocol, refusal: ErrorReply, **headers: str) -> HttpResponse:
    response = _respond(dialect.refuse(refusal), **headers)
    response.status_code = refusal.status
    return response
