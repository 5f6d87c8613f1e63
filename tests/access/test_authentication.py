"""A key that was verified a moment ago opens without a question, and for no longer than a moment."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.access.authentication import authenticate_key
from engage_server.access.exceptions import ForeignHostError, InvalidKeyError, WrongKindError
from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key, revoke_key
from engage_server.tenancy import services, ttl_cache
from engage_server.tenancy.exceptions import TenantSuspendedError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope

INGEST, QUERY = ApiKey.Kind.INGEST, ApiKey.Kind.QUERY


def test_a_known_key_costs_no_statement(acme):
    text = create_key(acme, INGEST, source="web")
    first = authenticate_key(text, INGEST)
    with CaptureQueriesContext(connection) as queries:
        assert authenticate_key(text, INGEST) == first
    assert len(queries) == 0
    assert (first.tenant, first.source) == (acme, "web")


def test_a_known_key_opens_nothing_that_it_was_not_verified_for(acme, globex):
    text = create_key(acme, INGEST)
    authenticate_key(text, INGEST, host="acme.localhost")
    with pytest.raises(WrongKindError):
        authenticate_key(text, QUERY, host="acme.localhost")
    with pytest.raises(ForeignHostError):
        authenticate_key(text, INGEST, host="globex.localhost")
    with pytest.raises(InvalidKeyError):
        authenticate_key(text + "x", INGEST, host="acme.localhost")


def test_a_key_revoked_elsewhere_stops_opening_within_five_seconds(acme, monkeypatch):
    text = create_key(acme, INGEST)
    authenticate_key(text, INGEST)
    with shared_scope():
        # As another process does it, of which this one is not told.
        ApiKey.objects.filter(public_id=text.split("_")[3]).update(revoked_at="2026-01-01T00:00:00Z")
    now = ttl_cache.time.monotonic()
    monkeypatch.setattr(ttl_cache.time, "monotonic", lambda: now + 5)
    with pytest.raises(InvalidKeyError):
        authenticate_key(text, INGEST)


def test_revoking_and_suspending_are_felt_at_once_in_this_process(acme):
    text, other = create_key(acme, INGEST), create_key(acme, INGEST)
    authenticate_key(text, INGEST)
    authenticate_key(other, INGEST)
    assert revoke_key(acme, text.split("_")[3])
    with pytest.raises(InvalidKeyError):
        authenticate_key(text, INGEST)
    authenticate_key(other, INGEST)
    services.set_status("acme", Tenant.Status.SUSPENDED)
    with pytest.raises(TenantSuspendedError):
        authenticate_key(other, INGEST)
