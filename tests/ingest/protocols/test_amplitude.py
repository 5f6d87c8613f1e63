"""Amplitude's SDKs, as seen on the wire (amplitude-analytics 1.3, @amplitude/analytics-node 1.5)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON_MS = 1772366400000
LIB = {"library": "amplitude-python/1.3.0"}


def golden(key: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "api_key": key,
        "events": [{"user_id": "ada", "time": NOON_MS, **LIB, **one} for one in events],
        **more,
    }


EXPORTED = {
    "event_type": "Report Exported",
    "insert_id": "a-1",
    "device_id": "phone",
    "event_properties": {"rows": 3},
    "groups": {"company": ["acct-1"], "sport": "soccer"},
}
IDENTIFY = {
    "event_type": "$identify",
    "insert_id": "a-2",
    "user_properties": {"$set": {"email": "ada@acme.test"}},
}
SET_GROUP = {
    "event_type": "$identify",
    "insert_id": "a-3",
    "groups": {"company": "acct-1"},
    "user_properties": {"$set": {"company": "acct-1"}},
}
GROUP = {
    "event_type": "$groupidentify",
    "insert_id": "a-4",
    "groups": {"company": "acct-1"},
    "group_properties": {"$set": {"name": "First Account"}, "$setOnce": {"tier": "gold"}},
}


@pytest.mark.parametrize("path", ["/2/httpapi", "/batch"])
def test_a_batch_brings_person_account_membership_and_event_to_its_own_tenant_only(
    acme: TenantRef, globex: TenantRef, key: str, send, path: str
) -> None:
    answer = send(path, golden(key, IDENTIFY, SET_GROUP, GROUP, EXPORTED)).json()
    assert (answer["code"], answer["events_ingested"], answer["rejected"]) == (200, 4, [])
    later = {**GROUP, "insert_id": "a-5", "group_properties": {"$setOnce": {"tier": "lead", "via": "ad"}}}
    send(path, golden(key, later))
    with tenant_scope(acme):
        event = Event.objects.get()
        assert (event.name.name, event.properties) == ("Report Exported", {"rows": 3})
        assert event.occurred_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
        account = Account.objects.get()
        assert (account.name, event.account) == ("First Account", account)
        assert account.traits == {"name": "First Account", "tier": "gold", "via": "ad"}
        ada = Person.objects.get(external_id="ada")
        assert ada.traits == {"email": "ada@acme.test", "company": "acct-1"}
        assert Membership.objects.get().person == ada
    with tenant_scope(globex):
        assert not Person.objects.exists()


def test_the_same_batch_again_is_stored_once(acme: TenantRef, key: str, send) -> None:
    bare = {name: value for name, value in EXPORTED.items() if name != "insert_id"}
    for _ in range(2):
        assert send("/2/httpapi", golden(key, EXPORTED, bare)).json()["events_ingested"] == 2
    with tenant_scope(acme):
        assert Event.objects.count() == 2


def test_the_upload_time_corrects_the_clock(acme: TenantRef, key: str, send) -> None:
    for upload_time in ("2026-03-01T12:00:10.000Z", NOON_MS + 10_000):
        send("/2/httpapi", golden(key, {**EXPORTED, "insert_id": None}, client_upload_time=upload_time))
    with tenant_scope(acme):
        event = Event.objects.get()
        assert event.received_at - event.occurred_at == timedelta(seconds=10)


def test_plain_user_properties_on_an_event_are_set(acme: TenantRef, key: str, send) -> None:
    send("/2/httpapi", golden(key, {**EXPORTED, "user_properties": {"city": "Ulm"}}))
    with tenant_scope(acme):
        assert Person.objects.get(external_id="ada").traits == {"city": "Ulm"}


def test_the_librarys_own_events_are_passive(acme: TenantRef, key: str, send) -> None:
    names = ("session_start", "[Amplitude] Element Clicked", "[Amplitude] Page Viewed")
    send("/2/httpapi", golden(key, *[{"event_type": name, "insert_id": name} for name in names]))
    with tenant_scope(acme):
        assert Event.objects.filter(name__event_class="PASSIVE").count() == 3


def test_bad_events_are_listed_and_cost_the_others_nothing(acme: TenantRef, key: str, send) -> None:
    bad = [
        {**EXPORTED, "time": "noon"},
        {**EXPORTED, "user_id": None, "device_id": None, "groups": None},
        {**EXPORTED, "event_type": ""},
        {**EXPORTED, "user_properties": {"$add": {"logins": 1}}},
        {**GROUP, "groups": {"sport": "soccer"}},
        {**GROUP, "groups": {}},
    ]
    answer = send("/2/httpapi", golden(key, *bad, EXPORTED)).json()
    assert [one["code"] for one in answer["rejected"]] == [
        "invalid_timestamp",
        "missing_user",
        "missing_event",
        "unsupported_operation",
        "unknown_group_type",
        "missing_group",
    ]
    with tenant_scope(acme):
        assert Event.objects.get().message_id == "a-1"
        assert QuarantinedItem.objects.count() == 6


def test_refusals_bear_the_code_in_the_body_and_the_words_that_stop_the_sdk(key: str, send) -> None:
    wrong = send("/2/httpapi", golden("nobody", EXPORTED))
    assert (wrong.status_code, wrong.json()["code"]) == (401, 401)
    assert wrong.json()["error"].startswith("Invalid API key:")
    assert send("/batch", {"events": 7, "api_key": key}).json()["code"] == 400
    assert send("/2/httpapi", {"api_key": key}).json()["code"] == 400
