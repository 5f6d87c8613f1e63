"""Snowplow's trackers, as seen on the wire (snowplow-tracker 1.1, @snowplow/node-tracker 4.8)."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from engage_server.activity.models import Event
from engage_server.tenancy.scope import TenantRef, tenant_scope

TP2 = "/com.snowplowanalytics.snowplow/tp2"
SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
NOON_MS = 1772366400000


def golden(*events: dict[str, Any]) -> dict[str, Any]:
    base = {"dtm": str(NOON_MS), "stm": str(NOON_MS + 10_000), "tv": "py-1.1.0", "p": "srv", "uid": "ada"}
    return {"schema": SCHEMA, "data": [{**base, **event} for event in events]}


def described(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"schema": f"iglu:com.acme/{name}/jsonschema/1-0-0", "data": data}


CLICK = {
    "e": "ue",
    "eid": "e-1",
    "ue_pr": json.dumps(
        {"schema": "iglu:…/unstruct_event/…", "data": described("report_exported", {"rows": 3})}
    ),
    "cx": base64.urlsafe_b64encode(
        json.dumps({"schema": "iglu:…/contexts/…", "data": [described("account", {"id": "acct-1"})]}).encode()
    ).decode(),
}
STRUCTURED = {"e": "se", "eid": "e-2", "se_ca": "shop", "se_ac": "Added To Basket", "se_va": "3"}
PAGE = {"e": "pv", "eid": "e-3", "url": "https://acme.test/", "page": "Home", "duid": "device-1"}


def test_the_key_as_app_id_or_before_the_path_brings_events_to_its_own_tenant_only(
    acme: TenantRef, globex: TenantRef, key: str, send
) -> None:
    by_app_id = golden(*[{**event, "aid": key} for event in (CLICK, STRUCTURED, PAGE)])
    for path, body in ((TP2, by_app_id), (f"/{key}{TP2}", golden(CLICK, STRUCTURED, PAGE))):
        response = send(path, body)
        assert (response.status_code, response.content) == (200, b"ok")
    with tenant_scope(acme):
        clicked, added, viewed = Event.objects.order_by("message_id")
        assert (clicked.name.name, clicked.properties) == ("report_exported", {"rows": 3})
        assert clicked.account.external_id == "acct-1"
        assert (added.name.name, added.properties) == ("Added To Basket", {"category": "shop", "value": "3"})
        assert (viewed.name.name, viewed.name.event_class) == ("Page Viewed", "PASSIVE")
        assert clicked.received_at - clicked.occurred_at == timedelta(seconds=10)
    with tenant_scope(globex):
        assert not Event.objects.exists()


def test_the_pixel_is_answered_with_a_pixel(acme: TenantRef, key: str) -> None:
    response = Client().get("/i", {**golden(PAGE)["data"][0], "aid": key, "ttm": str(NOON_MS)})
    assert (response.status_code, response["Content-Type"]) == (200, "image/gif")
    assert response.content.startswith(b"GIF89a")
    with tenant_scope(acme):
        assert Event.objects.get().occurred_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_retry_with_another_sent_time_is_stored_once(acme: TenantRef, key: str, send) -> None:
    bare = {**STRUCTURED, "eid": None, "aid": key}
    for sent in (NOON_MS, NOON_MS + 60_000):
        send(TP2, golden({**bare, "stm": str(sent)}))
    with tenant_scope(acme):
        assert Event.objects.count() == 1


def test_no_key_is_a_401(send) -> None:
    assert send(TP2, golden({**PAGE, "aid": "web"})).status_code == 401
    assert Client().get("/i", {"e": "pv"}).status_code == 401
