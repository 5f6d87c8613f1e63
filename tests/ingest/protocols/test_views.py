"""What holds for every protocol: who may send, what a browser is told, what a failure costs."""

import gzip
import json
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve

from engage_server.access.models import ApiKey
from engage_server.access.request_tenant import REQUEST_TENANT, TenantFoundError
from engage_server.activity.models import Event
from engage_server.customers.models import Account
from engage_server.ingest.limits import MAX_BODY_BYTES
from engage_server.operations.keys import create_key
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, tenant_scope
from engage_server.tenancy.services import set_status
from tests.ingest.protocols.bodies import PATHS, one_event

BODIES = pytest.mark.parametrize("protocol", PATHS)


@BODIES
def test_every_protocol_takes_an_event_once_gzipped_or_not(
    acme: TenantRef, key: str, send, protocol: str
) -> None:
    path, body = PATHS[protocol], json.dumps(one_event(protocol, key)).encode()
    assert send(path, body).status_code == 200
    assert send(path, gzip.compress(body), **{"Content-Encoding": "gzip"}).status_code == 200
    with tenant_scope(acme):
        event = Event.objects.get()
        assert (event.name.name, event.person.external_id) == ("Report Exported", "ada")


@BODIES
def test_only_an_ingest_key_in_force_opens(acme: TenantRef, send, protocol: str) -> None:
    for wrong in ("", "nobody", create_key(acme, ApiKey.Kind.QUERY)):
        response = send(PATHS[protocol], one_event(protocol, wrong))
        assert response.status_code == 401
        assert "Remedy" in response.content.decode()
    with tenant_scope(acme):
        assert not Event.objects.exists()


class Unreadable:
    """A body that nobody may read."""

    def read(self, *_: int) -> bytes:
        raise AssertionError("The body was read.")

    readline = read


def send_unreadable(path: str, **environ: Any) -> HttpResponse:
    """POST such a body."""
    stream = {"wsgi.input": Unreadable(), "CONTENT_LENGTH": "10"}
    return Client().generic("POST", path, content_type="application/json", **stream, **environ)


@BODIES
def test_no_body_is_read_before_a_key_outside_of_it_was_verified(acme: TenantRef, protocol: str) -> None:
    for wrong in ("nobody", create_key(acme, ApiKey.Kind.QUERY)):
        response = send_unreadable(PATHS[protocol], HTTP_AUTHORIZATION=f"Bearer {wrong}")
        assert response.status_code == 401
    good = create_key(acme, ApiKey.Kind.INGEST)
    elsewhere = send_unreadable(
        PATHS[protocol], HTTP_AUTHORIZATION=f"Bearer {good}", HTTP_HOST="globex.localhost"
    )
    assert elsewhere.status_code == 401
    with pytest.raises(AssertionError, match="was read"):
        send_unreadable(PATHS[protocol], HTTP_AUTHORIZATION=f"Bearer {good}")


def test_no_body_is_read_before_a_key_in_the_path_was_verified(acme: TenantRef) -> None:
    collector = "/{}/com.snowplowanalytics.snowplow/tp2".format
    good = create_key(acme, ApiKey.Kind.INGEST)
    wrong = good[:-1] + ("1" if good.endswith("0") else "0")
    assert send_unreadable(collector(wrong)).status_code == 401
    with pytest.raises(AssertionError, match="was read"):
        send_unreadable(collector(create_key(acme, ApiKey.Kind.INGEST)))


@BODIES
def test_a_request_that_is_looked_at_beforehand_is_read_and_parsed_once(
    acme: TenantRef, key: str, protocol: str
) -> None:
    body = json.dumps(one_event(protocol, key)).encode()
    view, arguments, fields = resolve(PATHS[protocol].partition("?")[0])
    environ = RequestFactory().post(PATHS[protocol], body, content_type="application/json").environ
    looked_at = environ | {REQUEST_TENANT: True}
    with pytest.raises(TenantFoundError) as found:
        view(WSGIRequest(looked_at), *arguments, **fields)
    assert found.value.tenant == acme.id
    del looked_at[REQUEST_TENANT]
    looked_at["wsgi.input"] = Unreadable()
    assert view(WSGIRequest(looked_at), *arguments, **fields).status_code == 200
    with tenant_scope(acme):
        assert Event.objects.count() == 1


@BODIES
def test_other_refusals_keep_their_status(acme: TenantRef, key: str, send, protocol: str) -> None:
    path, body = PATHS[protocol], one_event(protocol, key)
    assert send(path, b" " * (MAX_BODY_BYTES + 1)).status_code == 413
    assert send(path, body, Host="no host!").status_code == 400
    assert send(path, body, Host="globex.localhost").status_code == 401
    assert Client().put(path, json.dumps(body)).status_code == 405
    set_status(acme.slug, Tenant.Status.SUSPENDED)
    assert send(path, body).status_code == 403


@BODIES
def test_a_page_of_any_origin_may_send_without_cookies(key: str, send, protocol: str) -> None:
    asked = {
        "Origin": "https://app.acme.test",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,anonymousid",
    }
    preflight = Client().options(PATHS[protocol], headers=asked)
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Headers"] == asked["Access-Control-Request-Headers"]
    assert "POST" in preflight["Access-Control-Allow-Methods"]
    for response in (
        preflight,
        send(PATHS[protocol], one_event(protocol, key), Origin="https://app.acme.test"),
        send(PATHS[protocol], one_event(protocol, "nobody")),
    ):
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response


def test_batch_tells_posthog_and_amplitude_apart_by_shape(key: str, send) -> None:
    def keys(body: Any) -> set[str]:
        return set(send("/batch", body).json())

    assert "detail" in keys({})
    assert "events_ingested" in keys({"events": [], "api_key": key})
    assert "status" in keys(
        {"batch": [{"event": "E", "distinct_id": "a", "properties": {"events": []}}], "api_key": key}
    )
    assert "events_ingested" in keys(b'{"api_key":"%s","events":[{"event_type":NaN}]}' % key.encode())


def test_the_group_types_that_are_accounts_are_a_setting(
    acme: TenantRef, key: str, send, monkeypatch
) -> None:
    monkeypatch.setattr(settings, "ENGAGE_ACCOUNT_GROUP_TYPES", ["studio"])
    body = one_event("amplitude", key)
    body["events"][0]["groups"] = {"company": "no", "studio": "yes"}
    send("/2/httpapi", body)
    with tenant_scope(acme):
        assert Event.objects.get().account.external_id == "yes"


def test_segments_library_for_browsers_calls_by_first_letters(acme: TenantRef, key: str, send) -> None:
    call = {"writeKey": key, "anonymousId": "device-1", "timestamp": "2026-03-01T12:00:00Z"}
    calls = {
        "t": {"event": "Clicked"},
        "p": {"name": "Home"},
        "s": {"name": "Start"},
        "i": {"userId": "ada"},
        "g": {"userId": "ada", "groupId": "acct-1"},
        "a": {"userId": "ada", "previousId": "old"},
    }
    for letter, fields in calls.items():
        assert send(f"/v1/{letter}", {**call, **fields}, content_type="text/plain").json()["accepted"] == 1
    assert (
        send("/v1/b", {"writeKey": key, "batch": [{**call, "type": "track", "event": "E"}]}).json()[
            "accepted"
        ]
        == 1
    )
    with tenant_scope(acme):
        assert Event.objects.count() == 4
        assert Account.objects.get().external_id == "acct-1"


def test_a_sent_time_that_cannot_be_read_costs_nothing(acme: TenantRef, key: str, send) -> None:
    for sent in ("soon", "9" * 40, 1e300, True, {"a": 1}):
        assert (
            send("/2/httpapi", {**one_event("amplitude", key), "client_upload_time": sent}).status_code == 200
        )
        assert send("/batch/", {**one_event("posthog", key), "sent_at": sent}).status_code == 200
    assert (
        send(
            "/e/?_=" + "9" * 40, one_event("posthog", key)["batch"], Authorization=f"Bearer {key}"
        ).status_code
        == 200
    )
    with tenant_scope(acme):
        assert set(Event.objects.values_list("message_id", flat=True)) == {"m"}
