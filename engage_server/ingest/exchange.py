"""One request of any dialect from body to answer: 200 after the commit, with the rejects; else why nothing was taken."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

import msgspec
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from engage_server.access.exceptions import AccessError
from engage_server.ingest.bodies import read_body
from engage_server.ingest.conventions import Conventions
from engage_server.ingest.exceptions import IngestError
from engage_server.ingest.failures import refusal_of
from engage_server.ingest.intake import take_in
from engage_server.ingest.keys import header_key, identify_client, spend_events
from engage_server.ingest.protocols.arrays import has_field
from engage_server.ingest.protocols.dialect import Answer, Delivery, Dialect, Incoming, Refusal
from engage_server.ingest.provenance import by_source
from engage_server.ingest.quarantine import Origin
from engage_server.ingest.views import DATABASE_UNAVAILABLE
from engage_server.telemetry import counters
from engage_server.tenancy.exceptions import TenantSuspendedError
from engage_server.tenancy.scope import tenant_scope


@counters.observed("ingest")
def exchange(
    request: HttpRequest,
    *,
    dialect: Dialect,
    others: Mapping[str, Dialect] | None = None,
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
        refusal = Refusal(405, "method_not_allowed", f"Remedy: send it by {' or '.join(dialect.methods)}.")
        return _refused(dialect, refusal, Allow=", ".join(dialect.methods))
    received_at = datetime.now(UTC)
    try:
        body = read_body(request)
        for field, other in (others or {}).items():
            dialect = other if has_field(body, field) else dialect
        incoming = Incoming(body, request.method, request.GET.dict(), kind, path_key or "")
        return _respond(_receive(request, incoming, dialect=dialect, received_at=received_at))
    except IngestError as error:
        refusal = Refusal(error.status, error.code, str(error), error.items)
        return _refused(dialect, refusal, **error.headers)
    except AccessError as error:
        return _refused(dialect, Refusal(401, error.code.lower(), str(error)))
    except TenantSuspendedError as error:
        return _refused(dialect, Refusal(403, "tenant_suspended", str(error)))
    except DisallowedHost:
        message = "The Host header is no host name that is served here."
        return _refused(dialect, Refusal(400, "invalid_host", message))
    except DATABASE_UNAVAILABLE as error:
        refusal, headers = refusal_of(error, protocol=dialect.protocol)
        return _refused(dialect, refusal, **headers)


def _receive(request: HttpRequest, incoming: Incoming, *, dialect: Dialect, received_at: datetime) -> Answer:
    parcel = dialect.open(incoming)
    key = header_key(request) or parcel.key
    identity = identify_client(request, key)
    spend_events(identity, len(parcel.items))
    delivery = Delivery(
        received_at,
        identity.source,
        key=key,
        sent_at=parcel.sent_at,
        kind=incoming.kind,
        conventions=Conventions.of(identity.tenant),
    )
    origin = Origin(dialect.protocol, incoming.kind, parcel.sent_at, received_at, key)
    with tenant_scope(identity.tenant):
        translate = partial(dialect.translate, delivery=delivery)
        receipt = take_in(
            parcel.items,
            source=identity.source,
            translate=by_source(translate, source=identity.source, received_at=received_at),
            origin=origin,
        )
    return dialect.accept(incoming, parcel, receipt)


def _respond(answer: Answer, **headers: str) -> HttpResponse:
    body = answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
    return HttpResponse(body, content_type=answer.content_type, headers=headers)


def _refused(dialect: Dialect, refusal: Refusal, **headers: str) -> HttpResponse:
    response = _respond(dialect.refuse(refusal), **headers)
    response.status_code = refusal.status
    return response
