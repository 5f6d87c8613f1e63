"""Answers the tracking SDKs. They resend on anything but exactly 200 and drop a batch on 4xx; so good items are
always taken, and 200 follows the commit."""

from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec
import psycopg
from django.core.exceptions import DisallowedHost
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from engage_server.access.exceptions import AccessError
from engage_server.access.keys import KeyIdentity
from engage_server.access.request_tenant import find_tenant
from engage_server.ingest.conventions import Conventions
from engage_server.ingest.exceptions import IngestError
from engage_server.ingest.failures import refusal_of
from engage_server.ingest.keys import header_key, identify_client, require_key_near_ends, spend_events
from engage_server.ingest.outcomes import Receipt
from engage_server.ingest.pipeline import ingest_events, ingest_items
from engage_server.ingest.protocols.segment.envelope import items_in, open_batch, open_single, write_key
from engage_server.ingest.protocols.segment.fast_decoder import PlainBatch, plain_batch
from engage_server.ingest.protocols.segment.translation import Delivery, translate
from engage_server.ingest.quarantine.store import SEGMENT, Origin
from engage_server.ingest.request_body import read_body
from engage_server.ingest.source_rules import apply_source_rules, is_unrestricted
from engage_server.telemetry import counters
from engage_server.tenancy.exceptions import EmbeddedPostgresError, TenantSuspendedError
from engage_server.tenancy.scope import tenant_scope

# All that a database can raise. The client's copy is the only one until we say 200.
DATABASE_UNAVAILABLE: Final = (DatabaseError, psycopg.Error, EmbeddedPostgresError)


@csrf_exempt
@counters.observed("ingest")
def segment(request: HttpRequest, kind: str = "") -> HttpResponse:
    """One request of Segment's protocol: a batch, or a single call of this kind.

    Answers 200 with the receipt once everything is committed; else ``{"code", "message"}`` with 400 (no batch at
    all), 401 (key), 403 (suspended), 405, 413, 500 (a fault of ours), or with Retry-After 429 (a limit is reached) and 503
    (database unavailable).
    """
    if request.method != "POST":
        return _error(405, "method_not_allowed", "Tracking calls are POST requests.", Allow="POST")
    try:
        return _answer(_receive(request, kind))
    except IngestError as error:
        return _error(error.status, error.code, str(error), **error.headers)
    except AccessError as error:
        # The SDKs know one answer to a key that does not open: 401.
        return _error(401, error.code.lower(), str(error))
    except TenantSuspendedError as error:
        return _error(403, "tenant_suspended", str(error))
    except DisallowedHost:
        return _error(400, "invalid_host", "The Host header is no host name that is served here.")
    except DATABASE_UNAVAILABLE as error:
        refusal, headers = refusal_of(error, protocol=SEGMENT)
        return _error(refusal.status, refusal.code, refusal.message, **headers)


def _receive(request: HttpRequest, kind: str) -> Receipt:
    received_at = datetime.now(UTC)
    key = header_key(request)
    # A key in the header is looked at first: without a good one, nobody's body is read.
    identity = identify_client(request, key) if key else None
    if identity is not None:
        find_tenant(request, identity.tenant.id)
    body = read_body(request)
    if identity is None:
        require_key_near_ends(request, body)
        key = write_key(body)
        identity = identify_client(request, key)
        find_tenant(request, identity.tenant.id)
    plain = None if kind else _plain_batch(identity, body, received_at)
    if plain is not None:
        spend_events(identity, len(plain.events))
        origin = Origin(sent_at=plain.sent_at, received_at=received_at, key=key)
        with tenant_scope(identity.tenant):
            raws = partial(items_in, body)
            return ingest_events(plain.events, raws=raws, source=identity.source, origin=origin)
    envelope = open_single(body) if kind else open_batch(body)
    spend_events(identity, len(envelope.items))
    delivery = Delivery(
        received_at,
        identity.source,
        sent_at=envelope.sent_at,
        kind=kind,
        conventions=Conventions.of(identity.tenant),
    )
    origin = Origin(kind=kind, sent_at=envelope.sent_at, received_at=received_at, key=key)
    with tenant_scope(identity.tenant):
        translation = partial(translate, delivery=delivery)
        ruled = apply_source_rules(translation, source=identity.source, received_at=received_at)
        return ingest_items(envelope.items, source=identity.source, translate=ruled, origin=origin)


def _plain_batch(identity: KeyIdentity, body: bytes, received_at: datetime) -> PlainBatch | None:
    with tenant_scope(identity.tenant):
        if not is_unrestricted(identity.source):
            return None
    return plain_batch(body, received_at=received_at, placeholder_ids=identity.tenant.placeholder_ids)


def _answer(receipt: Receipt) -> HttpResponse:
    answer = {
        "success": True,
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "rejected": receipt.listed(),
        **receipt.remarks(),
    }
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")


def _error(status: int, code: str, message: str, **headers: str) -> HttpResponse:
    body = msgspec.json.encode({"code": code, "message": message})
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)
