"""Keys say whose they are, and nothing else opens a tenant."""

from datetime import timedelta

import pytest
from django.utils import timezone

from engage_server.access.exceptions import ForeignHostError, InvalidKeyError, WrongKindError
from engage_server.access.keys import create_key, revoke_key, verify_key
from engage_server.access.models import ApiKey
from engage_server.tenancy import services
from engage_server.tenancy.exceptions import TenantSuspendedError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope

INGEST, QUERY = ApiKey.Kind.INGEST, ApiKey.Kind.QUERY


def test_a_key_stands_for_its_tenant_kind_and_source(acme):
    identity = verify_key(create_key(acme, INGEST, source="web"), INGEST)
    assert (identity.tenant, identity.kind, identity.source) == (acme, INGEST, "web")


def test_only_a_digest_is_stored(acme):
    text = create_key(acme, QUERY)
    secret = text.split("_")[4]
    with shared_scope():
        row = ApiKey.objects.get(public_id=text.split("_")[3])
    assert secret not in str(row.__dict__)
    assert secret.encode() not in bytes(row.digest)


def test_a_mistyped_or_cut_key_is_refused_without_a_database():
    for text in ("", "eng_live_qry_x", "sk_live_abc", "eng_live_qry_AAAAAAAAAAAA_" + "B" * 43 + "_000000"):
        with pytest.raises(InvalidKeyError, match="copy it whole"):
            verify_key(text, QUERY)


def test_a_well_formed_key_with_another_secret_is_refused(acme, globex):
    ours, theirs = create_key(acme, QUERY).split("_"), create_key(globex, QUERY).split("_")
    with pytest.raises(InvalidKeyError):
        verify_key("_".join([*ours[:4], theirs[4], theirs[5]]), QUERY)


def test_expired_and_revoked_keys_are_refused(acme):
    expired = create_key(acme, QUERY, expires_at=timezone.now() - timedelta(seconds=1))
    revoked = create_key(acme, QUERY)
    assert revoke_key(acme, revoked.split("_")[3])
    for text in (expired, revoked):
        with pytest.raises(InvalidKeyError, match="expired or revoked"):
            verify_key(text, QUERY)


def test_a_tenant_cannot_revoke_anothers_key(acme, globex):
    text = create_key(globex, QUERY)
    assert not revoke_key(acme, text.split("_")[3])
    assert verify_key(text, QUERY).tenant == globex


def test_a_key_of_another_kind_is_refused(acme):
    with pytest.raises(WrongKindError):
        verify_key(create_key(acme, INGEST), QUERY)


@pytest.mark.parametrize("host", ["globex.localhost", "unknown.example"])
def test_host_and_key_must_agree(acme, globex, host):
    text = create_key(acme, QUERY)
    assert verify_key(text, QUERY, host="acme.localhost").tenant == acme
    assert verify_key(text, QUERY, host="localhost").tenant == acme
    with pytest.raises(ForeignHostError):
        verify_key(text, QUERY, host=host)


def test_a_suspended_tenants_keys_are_refused(acme):
    text = create_key(acme, QUERY)
    services.set_status("acme", Tenant.Status.SUSPENDED)
    with pytest.raises(TenantSuspendedError, match="resume"):
        verify_key(text, QUERY)
