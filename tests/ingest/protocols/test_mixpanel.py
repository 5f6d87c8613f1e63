"""Mixpanel's SDKs, as seen on the wire (mixpanel-python 5.4, mixpanel-node 0.24, mixpanel-js)."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope

FORM = "application/x-www-form-urlencoded"


def event(key: str, **properties: Any) -> dict[str, Any]:
    return {
        "event": "Report Exported",
        "properties": {
            "token": key,
            "distinct_id": "ada",
            "time": 1772366400.25,
            "$insert_id": "i1",
            "mp_lib": "python",
            "$lib_version": "5.4.1",
            "rows": 3,
            **properties,
        },
    }


def form(data: Any) -> str:
    return urlencode({"data": json.dumps(data, separators=(",", ":")), "verbose": 1, "ip": 0})


def test_the_python_sdk_brings_person_account_membership_and_event_to_its_own_tenant_only(
    acme: TenantRef, globex: TenantRef, key: str, send
) -> None:
    person = {
        "$token": key,
        "$time": 1772366400.1,
        "$distinct_id": "ada",
        "$set": {"$email": "ada@acme.test", "company": "acct-1"},
    }
    group = {
        "$token": key,
        "$time": 1772366400.2,
        "$group_key": "company",
        "$group_id": "acct-1",
        "$set": {"$name": "First Account", "plan": "pro"},
    }
    for path, item in {
        "/engage": person,
        "/groups": group,
        "/track": event(key, company_id="acct-1"),
    }.items():
        response = send(path, form(item), content_type=FORM)
        assert (response.status_code, response.json()) == (200, {"status": 1, "error": None, "rejected": []})
    with tenant_scope(acme):
        stored = Event.objects.get()
        assert stored.occurred_at == datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
        assert stored.properties == {
            "rows": 3,
            "company_id": "acct-1",
            "mp_lib": "python",
            "$lib_version": "5.4.1",
        }
        account = Account.objects.get()
        assert (stored.account, account.name, account.plan) == (account, "First Account", "pro")
        assert Person.objects.get().traits == {"email": "ada@acme.test", "company": "acct-1"}
        assert Membership.objects.get().account == account
    with tenant_scope(globex):
        assert not Person.objects.exists()


def test_mixpanels_four_fields_make_an_event_one(acme: TenantRef, key: str, send) -> None:
    others = [event(key, time=1772366401), event(key, distinct_id="bob"), {**event(key), "event": "Other"}]
    for _ in range(2):
        assert send("/track", form([event(key), *others]), content_type=FORM).json()["rejected"] == []
    with tenant_scope(acme):
        assert Event.objects.count() == 4


def test_node_sends_base64_in_the_address(acme: TenantRef, key: str) -> None:
    data = base64.b64encode(json.dumps(event(key)).encode()).decode()
    for verbose, answer in ((0, b"1"), (1, b'{"status":1,"error":null,"rejected":[]}')):
        response = Client().get("/track", {"data": data, "verbose": verbose})
        assert (response.status_code, response.content) == (200, answer)
    with tenant_scope(acme):
        assert Event.objects.count() == 1


@pytest.mark.parametrize("unpadded", [False, True])
def test_the_browser_posts_base64_in_a_form(acme: TenantRef, key: str, send, unpadded: bool) -> None:
    page = {
        "event": "$mp_web_page_view",
        "properties": {**event(key)["properties"], "$device_id": "device-1"},
    }
    page["properties"] |= {"distinct_id": "$device:device-1"}
    data = base64.b64encode(json.dumps([page]).encode()).decode()
    body = "data=" + (data.rstrip("=") if unpadded else urlencode({"data": data}).removeprefix("data="))
    assert send("/track/?verbose=1&ip=1&_=1772366400000", body, content_type=FORM).json()["status"] == 1
    with tenant_scope(acme):
        stored = Event.objects.get()
        assert (stored.name.name, stored.person.external_id) == ("Page Viewed", None)


def test_import_takes_the_secret_and_lists_what_failed(acme: TenantRef, key: str, send) -> None:
    basic = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    items = [event("project-token", time=1772366400123), event("project-token", distinct_id=None)]
    answer = send("/import?strict=1&project_id=7", items, Authorization=basic).json()
    assert (answer["code"], answer["num_records_imported"]) == (200, 1)
    assert [(one["index"], one["code"]) for one in answer["failed_records"]] == [(1, "missing_user")]
    lines = "\n".join(json.dumps(event("t", time=1772366400123, distinct_id=name)) for name in ("x", "y"))
    ndjson = send("/import", lines, content_type="application/x-ndjson", Authorization=basic)
    assert ndjson.json()["num_records_imported"] == 2
    with tenant_scope(acme):
        assert Event.objects.count() == 3
        assert Event.objects.first().occurred_at.microsecond == 123_000


def test_alias_identify_and_merge_join_names(acme: TenantRef, key: str, send) -> None:
    alias = {"event": "$create_alias", "properties": {"distinct_id": "device", "alias": "ada", "token": key}}
    merge = {"event": "$merge", "properties": {"$distinct_ids": ["ada", "ada@old.test"], "token": key}}
    identify = {
        "event": "$identify",
        "properties": {"$identified_id": "ada", "$anon_id": "phone", "token": key, "time": 1772366400},
    }
    visit = event(key, distinct_id="$device:phone", **{"$insert_id": "i9"})
    assert send("/track", [visit, alias, merge, identify]).content == b"1"
    with tenant_scope(acme):
        ada = Person.objects.get(external_id="ada")
        assert Event.objects.get().person.merged_into == ada
        assert Person.objects.filter(merged_into=ada).count() == 3


def test_an_operation_that_a_retry_would_repeat_is_refused_by_name(acme: TenantRef, key: str, send) -> None:
    for operation in ("$add", "$append", "$union", "$remove", "$delete"):
        body = form({"$token": key, "$distinct_id": "ada", operation: {"logins": 1}})
        rejected = send("/engage", body, content_type=FORM).json()["rejected"]
        assert [one["code"] for one in rejected] == ["unsupported_operation"]
    with tenant_scope(acme):
        assert not Person.objects.exists()
        assert key not in QuarantinedItem.objects.first().payload


def test_refusals_have_status_zero(key: str, send) -> None:
    wrong = send("/track", form(event("no key")), content_type=FORM)
    assert (wrong.status_code, wrong.json()["status"]) == (401, 0)
    for body in (b"", b"verbose=1", b"data=%%%", b"data=abc", b"7", b"\xff\xfe"):
        response = send("/track", body, content_type=FORM)
        assert (response.status_code, response.json()["code"]) == (400, "malformed_body")
