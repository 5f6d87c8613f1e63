"""Refused items over GraphQL: read with their reasons, replayed once the cause is gone, each tenant its own."""

import pytest
from django.conf import settings
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Principal
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.audit import log
from engage_server.customers.models import Account
from engage_server.ingest.models import QuarantinedItem
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

LIST = """
    query ($first: Int!, $after: String, $code: String) {
        quarantine(first: $first, after: $after, code: $code) {
            edges { node { id code message source protocol payload } } pageInfo { hasNextPage endCursor }
        }
    }
"""
REPLAY = """
    mutation ($ids: [ID!], $code: String, $first: Int! = 100, $after: String) {
        replayQuarantine(input: {ids: $ids, code: $code, first: $first, after: $after}) { stored duplicates kept endCursor }
    }
"""


def group(name: str) -> dict:
    return {"event_type": "$groupidentify", "groups": {"studio": name}, "group_properties": {"name": name}}


@pytest.fixture
def admin(at_acme, at_globex):
    """Two profiles of groups that are no accounts yet, and an event without a time, refused for either tenant."""
    for caller in (at_acme, at_globex):
        key = create_key(caller.tenant, ApiKey.Kind.INGEST, source="app")
        body = {
            "api_key": key,
            "events": [group("s1"), {"event_type": "E", "user_id": "u", "time": "noon"}, group("s2")],
        }
        assert Client().post("/2/httpapi", body, content_type="application/json").status_code == 200
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


def items(caller, **arguments) -> list[dict]:
    return caller.nodes(LIST, **{"first": 9, **arguments})


def test_a_full_quarantine_says_so(admin, settings):
    query = "{ quarantine(first: 1) { isFull } }"
    assert admin.data(query) == {"quarantine": {"isFull": False}}
    settings.ENGAGE_QUARANTINE_ITEMS = 3
    assert admin.data(query) == {"quarantine": {"isFull": True}}


def test_items_are_listed_with_their_reasons_a_page_at_a_time(admin):
    first = admin.data(LIST, first=2)["quarantine"]
    last = admin.data(LIST, first=2, after=first["pageInfo"]["endCursor"])["quarantine"]
    assert (first["pageInfo"]["hasNextPage"], last["pageInfo"]["hasNextPage"]) == (True, False)
    found = [edge["node"] for edge in (*first["edges"], *last["edges"])]
    assert [one["code"] for one in found] == ["unknown_group_type", "invalid_timestamp", "unknown_group_type"]
    assert "ENGAGE_ACCOUNT_GROUP_TYPES" in found[0]["message"]
    assert (found[0]["source"], found[0]["protocol"]) == ("app", "amplitude")
    assert '"studio"' in found[0]["payload"]
    assert "eng_live_" not in str(found)
    assert len(items(admin, code="invalid_timestamp")) == 1
    assert admin.code(LIST, first=1000) == "BAD_USER_INPUT"


def test_items_are_replayed_by_code_once_the_cause_is_gone_and_the_other_tenants_stay(
    admin, at_globex, monkeypatch
):
    monkeypatch.setattr(settings, "ENGAGE_ACCOUNT_GROUP_TYPES", ["studio"])
    first = admin.data(REPLAY, code="unknown_group_type", first=1)["replayQuarantine"]
    assert (first["stored"], first["kept"]) == (1, 0)
    rest = admin.data(REPLAY, after=first["endCursor"])["replayQuarantine"]
    assert rest == {"stored": 1, "duplicates": 0, "kept": 1, "endCursor": None}
    with tenant_scope(admin.tenant):
        assert set(Account.objects.values_list("external_id", flat=True)) == {"s1", "s2"}
        assert [entry.action for entry in log.newest(9, action="quarantine.")] == ["quarantine.replayed"] * 2
    with tenant_scope(at_globex.tenant):
        assert QuarantinedItem.objects.count() == 3
        assert not Account.objects.exists()


def test_chosen_items_are_replayed_and_only_ones_own(admin, at_globex, monkeypatch):
    monkeypatch.setattr(settings, "ENGAGE_ACCOUNT_GROUP_TYPES", ["studio"])
    stranger = Caller(at_globex.tenant, create_key(at_globex.tenant, ApiKey.Kind.ADMIN), at_globex.host)
    mine, theirs = items(admin)[2]["id"], items(stranger)[0]["id"]
    assert admin.code(REPLAY, ids=[mine, theirs]) == "BAD_USER_INPUT"
    assert admin.code(REPLAY, ids=[mine], code="x") == "BAD_USER_INPUT"
    assert admin.code(REPLAY, ids=[mine] * 101) == "BAD_USER_INPUT"
    assert admin.data(REPLAY, ids=[mine])["replayQuarantine"]["stored"] == 1
    assert admin.data(REPLAY, ids=[mine])["replayQuarantine"] == {
        "stored": 0, "duplicates": 0, "kept": 0, "endCursor": None,
    }  # fmt: skip


def test_each_right_opens_its_own_part(admin):
    def ask(query: str, *permissions: Permission) -> dict:
        principal = Principal(admin.tenant, "key:test", frozenset(permissions))
        return answer(GraphQLRequest(query, {"first": 9}), principal).payload

    reader = (Permission.METRICS_READ, Permission.PERSONAL_READ)
    (error,) = ask(LIST, *reader)["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    (error,) = ask(REPLAY, *reader, Permission.CONFIG_WRITE)["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    nameless = ask(LIST, Permission.CONFIG_WRITE)["data"]["quarantine"]["edges"]
    assert {edge["node"]["payload"] for edge in nameless} == {None}
