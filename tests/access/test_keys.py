"""Keys say whose they are and what they may do, and nothing else opens a tenant."""

from datetime import timedelta

import pytest
from django.utils import timezone

from engage_server.access.exceptions import (
    ForeignHostError,
    InvalidKeyError,
    WrongKindError,
)
from engage_server.access.keys import find_key, verify_key
from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Permission
from engage_server.operations.keys import create_key, revoke_key
from engage_server.tenancy import services
from engage_server.tenancy.exceptions import TenantSuspendedError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope

INGEST, QUERY, ADMIN = ApiKey.Kind.INGEST, ApiKey.Kind.QUERY, ApiKey.Kind.ADMIN


def public_id(text: str) -> str:
    return text.split("_")[3]


def change(text: str, **fields: object) -> None:
    """Change the stored key, as time would."""
    with shared_scope():
        assert ApiKey.objects.filter(public_id=public_id(text)).update(**fields) == 1


def test_a_key_stands_for_its_tenant_kind_and_source(acme):
    identity = verify_key(create_key(acme, INGEST, source="web"), INGEST)
    assert (identity.tenant, identity.kind, identity.source) == (acme, INGEST, "web")


@pytest.mark.parametrize(
    ("kind", "permissions"),
    [
        (INGEST, {Permission.EVENTS_WRITE}),
        (QUERY, {Permission.METRICS_READ, Permission.PERSONAL_READ}),
        (ADMIN, EVERYTHING),
    ],
)
def test_each_kind_has_its_usual_permissions(acme, kind, permissions):
    principal = verify_key(create_key(acme, kind), kind).principal
    assert principal.permissions == permissions
    assert principal.actor.startswith("key:")


def test_a_mistyped_or_cut_key_is_refused_without_a_database():
    for text in (
        "",
        "eng_live_qry_x",
        "sk_live_abc",
        "eng_live_qry_\ud800_x_y",
        "eng_live_qry_AAAAAAAAAAAA_" + "B" * 43 + "_000000",
    ):
        with pytest.raises(InvalidKeyError, match="copy it whole"):
            verify_key(text, QUERY)


def test_a_well_formed_key_with_another_secret_is_refused(acme, globex):
    ours, theirs = create_key(acme, QUERY).split("_"), create_key(globex, QUERY).split("_")
    with pytest.raises(InvalidKeyError):
        verify_key("_".join([*ours[:4], theirs[4], theirs[5]]), QUERY)


def test_expired_and_revoked_keys_are_refused(acme):
    expired, revoked = create_key(acme, QUERY), create_key(acme, QUERY)
    change(expired, expires_at=timezone.now() - timedelta(seconds=1))
    assert revoke_key(acme, public_id(revoked))
    for text in (expired, revoked):
        with pytest.raises(InvalidKeyError, match="expired or revoked"):
            verify_key(text, QUERY)


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


def test_use_is_noted_and_written_once_an_hour_at_most(acme):
    text = create_key(acme, QUERY)
    verify_key(text, QUERY)
    first = find_key(acme, public_id(text)).last_used_at
    verify_key(text, QUERY)
    assert find_key(acme, public_id(text)).last_used_at == first
    change(text, last_used_at=timezone.now() - timedelta(hours=1, seconds=1))
    verify_key(text, QUERY)
    assert find_key(acme, public_id(text)).last_used_at >= first
