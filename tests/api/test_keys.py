"""Keys are managed over GraphQL by who may, and nobody gives away a right that they do not have."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from engage_server.access.keys import find_key, verify_key
from engage_server.access.limits import limits_of
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.audit import log
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

CREATE = """mutation ($key: CreateKeyInput!) { createKey(input: $key) { text key {
    publicId kind name source permissions prefix lastFour expiresAt revokedAt lastUsedAt inForce unused } } }"""
ROTATE = "mutation ($id: ID!, $hours: Int!) { rotateKey(input: {id: $id, overlapHours: $hours}) { text key { publicId } } }"
REVOKE = "mutation ($id: ID!) { revokeKey(input: {id: $id}) { key { publicId inForce revokedAt } } }"
LIST = "{ keys(first: 100) { edges { node { publicId madeBy inForce lastFour } } } }"


ISSUE = "mutation ($id: ID!, $key: ID) { createAccountToken(input: {account: $id, key: $key}) { text } }"


def manager_of(caller: Caller, *permissions: Permission, **request) -> Caller:
    """One with an admin key that may manage keys and whatever else is said."""
    wanted = frozenset({Permission.KEYS_MANAGE, *permissions})
    made = make_key(caller.tenant, KeyRequest(ApiKey.Kind.ADMIN, permissions=wanted, **request))
    return Caller(caller.tenant, made.text, caller.host)


@pytest.fixture
def admin(at_acme):
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


def test_a_key_is_made_and_works_and_its_text_is_shown_this_once(admin):
    made = admin.data(CREATE, key={"kind": "QUERY", "name": "BI", "permissions": ["METRICS_READ"]})[
        "createKey"
    ]
    key = made["key"]
    assert (key["kind"], key["name"], key["permissions"]) == ("QUERY", "BI", ["METRICS_READ"])
    assert made["text"].startswith(key["prefix"])
    assert made["text"].endswith(key["lastFour"])
    assert (key["inForce"], key["unused"], key["revokedAt"], key["lastUsedAt"]) == (True, False, None, None)
    assert Caller(admin.tenant, made["text"], admin.host).data("{ tenant { slug } }")
    listed = admin.post({"query": LIST})
    assert key["publicId"] in listed.content.decode()
    assert made["text"].split("_")[4] not in listed.content.decode()


def test_a_key_is_rotated_and_revoked_and_all_is_recorded_under_the_acting_key(admin):
    old = make_key(admin.tenant, KeyRequest(ApiKey.Kind.QUERY))
    new = admin.data(ROTATE, id=old.row.public_id, hours=1)["rotateKey"]
    assert verify_key(old.text, ApiKey.Kind.QUERY).tenant == verify_key(new["text"], ApiKey.Kind.QUERY).tenant
    revoked = admin.data(REVOKE, id=old.row.public_id)["revokeKey"]["key"]
    assert not revoked["inForce"]
    assert admin.code(REVOKE, id=old.row.public_id) == "NOT_FOUND"
    with tenant_scope(admin.tenant):
        entries = log.newest(2)
    assert [entry.action for entry in entries] == ["key.revoked", "key.rotated"]
    assert {entry.actor for entry in entries} == {f"key:{admin.key.split('_')[3]}"}


def test_a_revoked_key_stops_opening_at_once_in_this_process(admin):
    made = make_key(admin.tenant, KeyRequest(ApiKey.Kind.QUERY))
    other = Caller(admin.tenant, made.text, admin.host)
    assert other.data("{ tenant { slug } }")
    admin.data(REVOKE, id=made.row.public_id)
    assert other.post({"query": "{ tenant { slug } }"}).status_code == 401


def test_nobody_makes_or_rotates_a_key_that_may_more_than_they_may(at_acme):
    manager = manager_of(at_acme, Permission.METRICS_READ)
    assert manager.code(CREATE, key={"kind": "ADMIN"}) == "FORBIDDEN"
    assert manager.code(CREATE, key={"kind": "QUERY"}) == "FORBIDDEN"
    assert manager.data(CREATE, key={"kind": "QUERY", "permissions": ["METRICS_READ"]})
    assert manager.code(CREATE, key={"kind": "INGEST"}) == "FORBIDDEN"
    assert manager_of(at_acme, Permission.EVENTS_WRITE).data(CREATE, key={"kind": "INGEST"})
    ingest = create_key(at_acme.tenant, ApiKey.Kind.INGEST).split("_")[3]
    assert manager.code(ROTATE, id=ingest, hours=0) == "FORBIDDEN"
    mightier = make_key(at_acme.tenant, KeyRequest(ApiKey.Kind.ADMIN)).row.public_id
    assert manager.code(ROTATE, id=mightier, hours=0) == "FORBIDDEN"


def test_a_key_that_a_key_makes_ends_no_later_than_its_maker(at_acme):
    ends = timezone.now() + timedelta(hours=1)
    brief = manager_of(at_acme, Permission.METRICS_READ, expires_at=ends)
    wanted = {"kind": "QUERY", "permissions": ["METRICS_READ"]}
    usual = brief.data(CREATE, key=wanted)["createKey"]["key"]
    assert datetime.fromisoformat(usual["expiresAt"]) == ends
    (error,) = brief.ask(CREATE, key={**wanted, "expiresAt": (ends + timedelta(seconds=1)).isoformat()})[
        "errors"
    ]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "after the key that makes it" in error["message"]
    sooner = ends - timedelta(minutes=30)
    made = brief.data(CREATE, key={**wanted, "expiresAt": sooner.isoformat()})["createKey"]["key"]
    assert datetime.fromisoformat(made["expiresAt"]) == sooner
    own = brief.key.split("_")[3]
    for old in (usual["publicId"], own):
        new = brief.data(ROTATE, id=old, hours=1)["rotateKey"]["key"]["publicId"]
        assert find_key(at_acme.tenant, new).expires_at == ends


def test_a_key_that_a_key_makes_has_the_limits_of_its_maker_or_tighter_ones(at_acme):
    limited = manager_of(at_acme, Permission.METRICS_READ)
    maker = find_key(at_acme.tenant, limited.key.split("_")[3])
    set_limit(at_acme.tenant, "query_points", 900, key=maker)
    wanted = {"kind": "QUERY", "permissions": ["METRICS_READ"]}
    made = limited.data(CREATE, key=wanted)["createKey"]["key"]["publicId"]
    assert limits_of(at_acme.tenant)[f"key:{made}"]["query_points"] == 900
    for own, then in ((0, 900), (300, 300), (5_000, 900)):
        request = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
        old = make_key(at_acme.tenant, request).row
        set_limit(at_acme.tenant, "query_points", own, key=old)
        new = limited.data(ROTATE, id=old.public_id, hours=1)["rotateKey"]["key"]["publicId"]
        assert limits_of(at_acme.tenant)[f"key:{new}"]["query_points"] == then


def test_a_token_for_an_account_is_made_by_those_alone_who_may_read_metrics(at_acme):
    with tenant_scope(at_acme.tenant):
        account = Account.objects.create(external_id="acct")
    id = global_id("Account", tenant_id=at_acme.tenant.id, pk=account.pk)
    assert manager_of(at_acme).code(ISSUE, id=id) == "FORBIDDEN"
    manager = manager_of(at_acme, Permission.METRICS_READ)
    assert manager.data(ISSUE, id=id)
    wanted = {"kind": "QUERY", "permissions": ["METRICS_READ"]}
    made = manager.data(CREATE, key=wanted)["createKey"]["key"]["publicId"]
    assert manager.data(ISSUE, id=id, key=made)
    assert manager.code(ISSUE, id=id, key=at_acme.key.split("_")[3]) == "NOT_FOUND"


def test_what_a_key_made_says_so_and_ends_with_it(at_acme, admin):
    manager = manager_of(at_acme, Permission.METRICS_READ)
    own = manager.key.split("_")[3]
    wanted = {"kind": "QUERY", "permissions": ["METRICS_READ"]}
    text = manager.data(CREATE, key=wanted)["createKey"]["text"]
    listed = {key["publicId"]: key for key in admin.nodes(LIST)}
    assert listed[text.split("_")[3]]["madeBy"] == own
    assert listed[own]["madeBy"] is None
    made = Caller(at_acme.tenant, text, at_acme.host)
    assert made.data("{ tenant { slug } }")
    admin.data(REVOKE, id=own)
    assert made.post({"query": "{ tenant { slug } }"}).status_code == 401


@pytest.mark.parametrize(
    "key",
    [
        {"kind": "INGEST", "permissions": ["METRICS_READ"]},
        {"kind": "QUERY", "permissions": []},
        {"kind": "QUERY", "expiresAt": "2020-01-01T00:00:00Z"},
        {"kind": "QUERY", "expiresAt": "2999-01-01T00:00:00Z"},
        {"kind": "QUERY", "expiresAt": "2027-01-01T00:00:00"},
        {"kind": "QUERY", "name": "n" * 101},
        {"kind": "INGEST", "source": "s" * 64},
    ],
)
def test_a_key_that_cannot_be_is_refused_with_the_remedy(admin, key):
    (error,) = admin.ask(CREATE, key=key)["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "Remedy" in error["message"]


def test_an_overlap_out_of_range_is_refused(admin):
    id = create_key(admin.tenant, ApiKey.Kind.QUERY).split("_")[3]
    for hours in (-1, 721, 2_000_000_000):
        assert admin.code(ROTATE, id=id, hours=hours) == "BAD_USER_INPUT"


def test_another_tenants_keys_are_neither_listed_nor_touched(admin, at_globex):
    theirs = at_globex.key.split("_")[3]
    assert theirs not in str(admin.data(LIST))
    assert admin.code(REVOKE, id=theirs) == "NOT_FOUND"
    assert admin.code(ROTATE, id=theirs, hours=0) == "NOT_FOUND"
    assert at_globex.data("{ tenant { slug } }") == {"tenant": {"slug": "globex"}}


def test_a_key_in_the_address_opens_nothing(admin):
    for path in (f"/graphql?key={admin.key}", f"/graphql?access_token={admin.key}"):
        response = Client().post(path, {"query": "{ tenant { slug } }"}, content_type="application/json")
        assert response.status_code == 401
