"""Ids that stand for nobody join nobody, tie no device and are no one's events, in every protocol."""

from typing import Any

import pytest

from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, PersonAlias
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope

PLAIN = {
    "type": "track",
    "event": "x",
    "messageId": "m",
    "timestamp": "2026-03-01T12:00:00Z",
    "properties": {},
}
ZERO = "00000000-0000-0000-0000-000000000000"


def codes(answer: Any) -> list[str]:
    return [one["code"] for one in answer.json()["rejected"]]


def names(tenant: TenantRef) -> set[str]:
    with tenant_scope(tenant):
        return set(PersonAlias.objects.values_list("alias", flat=True))


@pytest.mark.parametrize(
    "nobody", ["undefined", "NULL", "None", "nil", "NaN", 0, False, "[object Object]", ZERO, " (null) "]
)
def test_an_alias_of_nobody_joins_no_two_persons(acme: TenantRef, post, nobody):
    calls = [
        {"type": "alias", "previousId": nobody, "userId": user, "messageId": user} for user in ("ada", "bob")
    ]
    assert codes(post({"batch": calls})) == ["placeholder_id", "placeholder_id"]
    assert codes(post({"batch": [{"type": "alias", "previousId": "ada", "userId": nobody}]})) == [
        "placeholder_id"
    ]
    assert names(acme) == set()
    with tenant_scope(acme):
        assert QuarantinedItem.objects.count() == 3


def test_a_device_seen_with_nobody_belongs_to_who_is_seen_with_it(acme: TenantRef, globex: TenantRef, post):
    first = post({"batch": [{"type": "identify", "userId": "undefined", "anonymousId": "dev-1"}]}).json()
    assert (first["accepted"], [one["code"] for one in first["notes"]]) == (1, ["placeholder_id"])
    post({"batch": [{"type": "identify", "userId": "eve", "anonymousId": "dev-1"}]})
    with tenant_scope(acme):
        assert PersonAlias.objects.get(alias="dev-1").tied_to.external_id == "eve"
    assert names(acme) == {"eve", "dev-1"}
    assert names(globex) == set()


@pytest.mark.parametrize("with_device", [False, True])
@pytest.mark.parametrize("others", [0, 1], ids=["alone", "beside a survey"])
def test_an_event_of_nobody_is_refused_unless_a_device_says_whose_it_is(
    acme: TenantRef, post, with_device, others
):
    # A batch of nothing but plain calls goes another way than one with anything else in it.
    call = PLAIN | {"userId": "Undefined"}
    call |= {"anonymousId": "dev-1"} if with_device else {}
    post({"batch": [call] + [{"type": "identify", "userId": "ada"}] * others})
    with tenant_scope(acme):
        assert Event.objects.count() == with_device
        assert QuarantinedItem.objects.filter(code="placeholder_id").count() == (not with_device)
    assert names(acme) == ({"dev-1"} if with_device else set()) | ({"ada"} if others else set())


def test_a_placeholder_as_account_is_no_account(acme: TenantRef, post):
    track = {"type": "track", "event": "x", "userId": "ada", "context": {"groupId": "null"}}
    group = {"type": "group", "userId": "ada", "groupId": "none"}
    answer = post({"batch": [track, group, {**group, "groupId": "acc", "traits": {"parent": "0"}}]})
    assert codes(answer) == ["placeholder_id"]
    with tenant_scope(acme):
        assert Event.objects.get().account is None
        assert Account.objects.get().parent is None
        assert Membership.objects.count() == 1


OTHER_PROTOCOLS = {
    "/batch/": {"batch": [
        {"event": "$create_alias", "distinct_id": "undefined", "properties": {"alias": "ada"}},
        {"event": "$identify", "distinct_id": "0", "properties": {}},
        {"event": "x", "distinct_id": "[object Object]"},
        {"event": "$identify", "distinct_id": "eve", "properties": {"$anon_distinct_id": "null"}},
    ]},
    "/track?verbose=1": [
        {"event": "$create_alias", "properties": {"alias": "None", "distinct_id": "ada"}},
        {"event": "$merge", "properties": {"$distinct_ids": ["ada", ZERO]}},
        {"event": "x", "properties": {"distinct_id": "$device:undefined"}},
        {"event": "$identify", "properties": {"$identified_id": "eve", "$anon_id": "undefined"}},
    ],
    "/2/httpapi": {"events": [
        {"event_type": "x", "user_id": "null"},
        {"event_type": "x", "device_id": ZERO},
        {"event_type": "$identify", "user_id": "anonymous", "user_properties": {"a": 1}},
        {"event_type": "$identify", "user_id": "eve", "device_id": "unknown", "groups": {"company": "n/a"}},
    ]},
    "/com.snowplowanalytics.snowplow/tp2": {"data": [
        {"e": "se", "se_ac": "x", "uid": "undefined"},
        {"e": "se", "se_ac": "x", "duid": ZERO},
        {"e": "se", "se_ac": "x", "uid": "guest", "duid": "null"},
        {"e": "se", "se_ac": "x", "uid": "eve", "duid": "null"},
    ]},
}  # fmt: skip


@pytest.mark.parametrize("path", OTHER_PROTOCOLS)
def test_in_every_protocol_placeholders_join_and_are_nobody(acme: TenantRef, globex: TenantRef, post, path):
    assert post(OTHER_PROTOCOLS[path], path).status_code == 200
    assert names(acme) == {"eve"}
    assert names(globex) == set()
    with tenant_scope(acme):
        assert [*QuarantinedItem.objects.values_list("code", flat=True)] == ["placeholder_id"] * 3
        assert not Account.objects.exists()


def test_a_message_id_that_is_a_placeholder_is_none(acme: TenantRef, post):
    calls = [PLAIN | {"event": name, "messageId": "undefined", "userId": "ada"} for name in ("x", "y")]
    assert post({"batch": calls}).json()["accepted"] == 2
    assert post({"batch": calls}).json()["duplicates"] == 2
