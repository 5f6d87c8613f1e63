"""PostHog's SDKs, as seen on the wire (posthog-python 7.91, posthog-node 5.70, posthog-js 1.2xx)."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.test import Client

from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope


def golden(key: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "batch": [
            {"timestamp": "2026-03-01T12:00:00.000000+00:00", "distinct_id": "ada", **event}
            for event in events
        ],
        "historical_migration": False,
        "sent_at": "2026-03-01T12:00:10.000000+00:00",
        "api_key": key,
        **more,
    }


LIB = {"$lib": "posthog-python", "$lib_version": "7.91.1", "$geoip_disable": True, "$is_server": True}
EXPORTED = {
    "event": "Report Exported",
    "uuid": "0196c1d2-0000-7000-8000-000000000001",
    "properties": {"rows": 3, "$groups": {"company": "acct-1", "project": "p"}, **LIB},
}
SET = {"event": "$set", "$set": {"email": "ada@acme.test"}, "uuid": "u-2", "properties": LIB}
GROUP = {
    "event": "$groupidentify",
    "distinct_id": "5d1c-random",
    "uuid": "u-3",
    "properties": {
        "$group_type": "company",
        "$group_key": "acct-1",
        "$group_set": {"name": "First Account", "plan": "pro"},
        **LIB,
    },
}
ALIAS = {
    "event": "$create_alias",
    "distinct_id": "ada@old.test",
    "properties": {"distinct_id": "ada@old.test", "alias": "ada", **LIB},
}


def test_a_server_batch_brings_person_account_membership_and_event_to_its_own_tenant_only(
    acme: TenantRef, globex: TenantRef, key: str, send
) -> None:
    response = send("/batch/", golden(key, SET, GROUP, EXPORTED))
    assert (response.status_code, response.json()) == (
        200,
        {"status": 1, "accepted": 3, "duplicates": 0, "rejected": []},
    )
    with tenant_scope(acme):
        event = Event.objects.get()
        assert event.name.name == "Report Exported"
        assert event.properties["rows"] == 3
        assert event.account == Account.objects.get()
        assert (event.account.external_id, event.account.name, event.account.plan) == (
            "acct-1",
            "First Account",
            "pro",
        )
        ada = Person.objects.get()
        assert (ada.external_id, ada.traits) == ("ada", {"email": "ada@acme.test"})
        assert (Membership.objects.get().person, event.person) == (ada, ada)
        skew = event.received_at - event.occurred_at
        assert skew == timedelta(seconds=10)
    with tenant_scope(globex):
        assert not Person.objects.exists()


def test_the_same_batch_again_is_stored_once_and_its_key_decides_for_whom(
    acme: TenantRef, globex: TenantRef, key: str, other_key: str, send
) -> None:
    for owner in (key, key, other_key):
        assert send("/batch/", golden(owner, EXPORTED)).status_code == 200
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            assert Event.objects.count() == 1


def test_an_event_without_uuid_is_known_again_by_what_it_says(acme: TenantRef, key: str, send) -> None:
    bare = {key: value for key, value in EXPORTED.items() if key != "uuid"}
    for sent_at in ("2026-03-01T12:00:10Z", "2026-03-01T12:01:10Z"):
        send("/batch/", golden(key, bare, sent_at=sent_at))
    with tenant_scope(acme):
        assert Event.objects.count() == 1


def test_an_alias_makes_two_names_one_person(acme: TenantRef, key: str, send) -> None:
    old = {**EXPORTED, "distinct_id": "ada@old.test"}
    assert send("/batch/", golden(key, old, ALIAS)).json()["accepted"] == 2
    with tenant_scope(acme):
        ada = Person.objects.get(external_id="ada")
        assert Person.objects.get(external_id="ada@old.test").merged_into == ada


def test_set_once_stands_only_where_nothing_is_known(acme: TenantRef, key: str, send) -> None:
    first = {"event": "$set", "$set": {"city": "Ulm"}, "properties": {"$set_once": {"plan": "free"}}}
    later = {"event": "$set", "$set_once": {"city": "Bonn", "plan": "pro", "via": "ad"}}
    send("/batch/", golden(key, first))
    send("/batch/", golden(key, later, {"event": "$set", "properties": {"$unset": ["via"]}}))
    with tenant_scope(acme):
        assert Person.objects.get().traits == {"city": "Ulm", "plan": "free", "via": None}


BROWSER = [
    {
        "uuid": "b-1",
        "event": "$pageview",
        "offset": 5000,
        "properties": {
            "distinct_id": "device-1",
            "$device_id": "device-1",
            "$is_identified": False,
            "$process_person_profile": False,
            "$current_url": "https://app.acme.test/",
        },
    },
    {
        "uuid": "b-2",
        "event": "$identify",
        "offset": 3000,
        "properties": {"distinct_id": "ada", "$anon_distinct_id": "device-1", "$device_id": "device-1"},
        "$set": {"email": "ada@acme.test"},
        "$set_once": {"$initial_referrer": "$direct"},
    },
]


def of_browser(key: str) -> list[dict[str, Any]]:
    return [{**event, "properties": {**event["properties"], "token": key}} for event in BROWSER]


def test_a_browser_sends_gzip_without_saying_so_and_its_device_becomes_the_user(
    acme: TenantRef, key: str, send
) -> None:
    body = gzip.compress(json.dumps(of_browser(key)).encode())
    before = datetime.now(UTC)
    response = send("/e/?ip=1&_=1772366400000&ver=1.2&compression=gzip-js", body, content_type="text/plain")
    assert response.json()["accepted"] == 2
    with tenant_scope(acme):
        event = Event.objects.get()
        assert (event.name.name, event.name.event_class) == ("Page Viewed", "PASSIVE")
        assert "token" not in event.properties
        assert timedelta(seconds=4) < before - event.occurred_at + timedelta(seconds=1) < timedelta(seconds=9)
        assert Person.objects.get(external_id="ada").traits["email"] == "ada@acme.test"
        assert event.person.merged_into == Person.objects.get(external_id="ada")


def test_base64_in_a_form_and_single_events_by_get_are_read(acme: TenantRef, key: str, send) -> None:
    data = base64.b64encode(json.dumps(of_browser(key)[:1]).encode()).decode()
    form = f"data={quote(data)}&compression=base64"
    assert send("/e/", form, content_type="application/x-www-form-urlencoded").json()["accepted"] == 1
    single = json.dumps({"api_key": key, "event": "Clicked", "distinct_id": "ada", "properties": {}})
    assert Client().get("/capture/", {"data": single}).json()["accepted"] == 1
    assert send("/capture", single).json()["duplicates"] == 1
    assert send("/i/v0/e/", single).json()["duplicates"] == 1
    with tenant_scope(acme):
        assert Event.objects.filter(name__name="Clicked").count() == 1


def test_a_migrated_event_keeps_the_time_that_it_bears(acme: TenantRef, key: str, send) -> None:
    send("/batch/", golden(key, EXPORTED, historical_migration=True))
    with tenant_scope(acme):
        assert Event.objects.get().occurred_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_group_that_is_no_account_is_set_aside_and_says_so(acme: TenantRef, key: str, send) -> None:
    project = {**GROUP, "properties": {**GROUP["properties"], "$group_type": "project"}}
    answer = send("/batch/", golden(key, project, EXPORTED)).json()
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [(0, "unknown_group_type")]
    with tenant_scope(acme):
        assert Event.objects.count() == 1
        assert QuarantinedItem.objects.get().protocol == "posthog"


def test_an_item_under_another_tenants_key_is_stored_with_neither(
    acme: TenantRef, globex: TenantRef, key: str, other_key: str, send
) -> None:
    mixed = [*of_browser(key)[:1], *of_browser(other_key)[1:]]
    answer = send("/e/", mixed).json()
    assert [one["code"] for one in answer["rejected"]] == ["foreign_key"]
    with tenant_scope(acme):
        assert not Person.objects.filter(external_id="ada").exists()
    with tenant_scope(globex):
        assert not Person.objects.exists()


def test_refusals_speak_of_detail(key: str, send) -> None:
    wrong = send("/batch/", golden("eng_live_ing_nobody", EXPORTED))
    assert (wrong.status_code, wrong.json()["type"]) == (401, "authentication_error")
    assert send("/batch/", b"nothing").status_code == 400
    assert set(send("/batch/", b"{}").json()) == {"type", "code", "detail", "attr"}
