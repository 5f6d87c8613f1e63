"""Keys are made, rotated and revoked, each change on record and in no other tenant."""

from datetime import timedelta

import pytest
from django.utils import timezone

from engage_server.access.exceptions import InvalidKeyError, KeyRequestError, UnknownKeyError
from engage_server.access.keys import find_key, verify_key
from engage_server.access.limits import limits_of
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.audit.log import newest
from engage_server.operations.keys import KeyRequest, create_key, make_key, revoke_key, rotate_key
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import shared_scope, tenant_scope

INGEST, QUERY, ADMIN = ApiKey.Kind.INGEST, ApiKey.Kind.QUERY, ApiKey.Kind.ADMIN


def public_id(text: str) -> str:
    return text.split("_")[3]


def last_entry(tenant):
    with tenant_scope(tenant):
        return newest(1)[0]


def test_a_key_may_be_given_less_than_its_kind_usually_has(acme):
    text = make_key(acme, KeyRequest(QUERY, permissions=frozenset({Permission.METRICS_READ}))).text
    assert verify_key(text, QUERY).permissions == {Permission.METRICS_READ}


@pytest.mark.parametrize(
    ("kind", "permissions"),
    [(INGEST, {Permission.METRICS_READ}), (QUERY, {Permission.KEYS_MANAGE}), (ADMIN, set())],
)
def test_a_kind_cannot_have_what_it_is_not_for(acme, kind, permissions):
    with pytest.raises(KeyRequestError, match="choose of these"):
        make_key(acme, KeyRequest(kind, permissions=frozenset(permissions)))


def test_a_key_ends_after_a_year_unless_its_maker_says_otherwise(acme, settings):
    now = timezone.now()
    row = make_key(acme, KeyRequest(QUERY)).row
    assert timedelta(days=364) < row.expires_at - now <= timedelta(days=366)
    soon = make_key(acme, KeyRequest(QUERY, expires_at=now + timedelta(days=7))).row
    assert soon.expires_at == now + timedelta(days=7)
    for wrong in (now - timedelta(seconds=1), now + timedelta(days=settings.ENGAGE_KEY_MAX_DAYS + 1)):
        with pytest.raises(KeyRequestError, match="at most 730 days"):
            make_key(acme, KeyRequest(QUERY, expires_at=wrong))


def test_only_a_digest_is_stored(acme):
    text = create_key(acme, QUERY)
    secret = text.split("_")[4]
    with shared_scope():
        row = ApiKey.objects.get(public_id=public_id(text))
    assert secret not in str(row.__dict__)
    assert secret.encode() not in bytes(row.digest)


def test_a_tenant_can_neither_find_nor_rotate_nor_revoke_anothers_key(acme, globex):
    text = create_key(globex, QUERY)
    assert find_key(acme, public_id(text)) is None
    assert not revoke_key(acme, public_id(text))
    with pytest.raises(UnknownKeyError):
        rotate_key(acme, public_id(text), overlap=timedelta(0))
    assert verify_key(text, QUERY).tenant == globex


def test_rotation_gives_the_same_rights_and_limits_and_ends_the_old_key_after_the_overlap(acme):
    permissions = frozenset({Permission.METRICS_READ})
    old = make_key(acme, KeyRequest(QUERY, name="BI", source="bi", permissions=permissions))
    set_limit(acme, "query_points", 500, key=old.row)
    new = rotate_key(acme, old.row.public_id, overlap=timedelta(hours=1))
    assert verify_key(new.text, QUERY).permissions == permissions
    assert (new.row.name, new.row.source) == ("BI", "bi")
    assert limits_of(acme)[f"key:{new.row.public_id}"] == {"query_points": 500}
    assert verify_key(old.text, QUERY).tenant == acme
    ends = find_key(acme, old.row.public_id).expires_at
    assert timedelta(minutes=59) < ends - timezone.now() <= timedelta(hours=1)


def test_rotation_never_makes_a_key_last_longer(acme):
    text = make_key(acme, KeyRequest(QUERY, expires_at=timezone.now() + timedelta(minutes=5))).text
    rotate_key(acme, public_id(text), overlap=timedelta(days=1))
    assert find_key(acme, public_id(text)).expires_at < timezone.now() + timedelta(minutes=6)


def test_without_an_overlap_the_old_key_ends_at_once_and_cannot_be_rotated_again(acme):
    text = create_key(acme, QUERY)
    rotate_key(acme, public_id(text), overlap=timedelta(0))
    with pytest.raises(InvalidKeyError):
        verify_key(text, QUERY)
    with pytest.raises(UnknownKeyError, match="in force"):
        rotate_key(acme, public_id(text), overlap=timedelta(0))
    with pytest.raises(KeyRequestError, match="30 days"):
        rotate_key(acme, public_id(text), overlap=timedelta(days=31))


def test_every_change_of_a_key_stands_in_the_audit_log_without_its_secret(acme, globex):
    made = make_key(acme, KeyRequest(QUERY, name="BI"))
    before = last_entry(globex).position
    entry = last_entry(acme)
    assert (entry.action, entry.subject) == ("key.created", f"key:{made.row.public_id}")
    assert entry.details["permissions"] == ["metrics:read", "personal:read"]
    successor = rotate_key(acme, made.row.public_id, overlap=timedelta(hours=1))
    entry = last_entry(acme)
    assert entry.action == "key.rotated"
    assert entry.details["replaced_by"] == successor.row.public_id
    revoke_key(acme, made.row.public_id)
    assert last_entry(acme).action == "key.revoked"
    with tenant_scope(acme):
        said = " ".join(str(entry.details) + entry.subject for entry in newest(10))
    for text in (made.text, successor.text):
        assert text.split("_")[4] not in said
    assert last_entry(globex).position == before


@pytest.mark.parametrize(("field", "limit"), [("name", 100), ("source", 63)])
def test_a_name_or_source_that_no_column_holds_is_refused(acme, field, limit):
    make_key(acme, KeyRequest(INGEST, **{field: "x" * limit}))
    with pytest.raises(KeyRequestError, match=f"`{field}` is longer than {limit} characters"):
        make_key(acme, KeyRequest(INGEST, **{field: "x" * (limit + 1)}))
