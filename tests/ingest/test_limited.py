"""A tenant or key that sends more than it may is told so in its protocol, and costs nobody else an event."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engage_server.access.keys import find_key
from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.ingest.protocols.segment.translation import TRANSLATORS
from engage_server.operations.keys import create_key
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.ingest.conftest import basic
from tests.ingest.protocols.bodies import PATHS, one_event


def batch(first: int, count: int) -> dict[str, list]:
    calls = [
        {"type": "track", "event": "E", "userId": "u", "messageId": f"m{number}"}
        for number in range(first, first + count)
    ]
    return {"batch": calls}


def send(key: str, body: object, path: str = "/v1/batch"):
    return Client().post(
        path, json.dumps(body), content_type="application/json", headers={"Authorization": basic(key)}
    )


def stored(tenant: TenantRef) -> int:
    with tenant_scope(tenant):
        return Event.objects.count()


def test_what_is_over_the_quota_is_a_429_and_not_stored_and_other_tenants_go_on(acme, globex, key, other_key):
    set_limit(acme, "events_per_day", 25)
    statuses = [send(key, batch(first, 10)).status_code for first in (0, 10, 20)]
    assert statuses == [200, 200, 429]
    assert stored(acme) == 20
    refusal = send(key, batch(20, 10))
    assert refusal.json()["code"] == "rate_limited"
    assert "25 a day" in refusal.json()["message"]
    assert 1 <= int(refusal["Retry-After"]) <= 24 * 3600
    assert send(key, batch(20, 5)).status_code == 200
    for first in (0, 10, 20):
        assert send(other_key, batch(first, 10)).status_code == 200
    assert (stored(acme), stored(globex)) == (25, 30)


def test_a_keys_own_limit_leaves_the_tenants_other_keys_alone(acme, key):
    set_limit(acme, "events_per_day", 10, key=find_key(acme, key.split("_")[3]))
    assert send(key, batch(0, 10)).status_code == 200
    assert send(key, batch(10, 1)).status_code == 429
    assert send(create_key(acme, ApiKey.Kind.INGEST), batch(10, 10)).status_code == 200


def test_a_rate_says_when_to_come_again(acme, key):
    set_limit(acme, "events_per_second", 20)
    assert send(key, batch(0, 100)).status_code == 200
    assert int(send(key, batch(100, 20))["Retry-After"]) in {4, 5}


@pytest.mark.parametrize("protocol", PATHS)
def test_every_protocol_says_it_in_its_own_words(acme, key, protocol):
    set_limit(acme, "events_per_day", 1)
    assert send(key, one_event(protocol, key), PATHS[protocol]).status_code == 200
    refusal = send(key, one_event(protocol, key), PATHS[protocol])
    assert refusal.status_code == 429
    assert int(refusal["Retry-After"]) >= 1
    assert "Remedy" in refusal.content.decode()
    if protocol == "amplitude":
        assert refusal.json()["throttled_events"] == [0]
    if protocol == "posthog":
        assert refusal.json()["type"] == "throttled_error"


@pytest.mark.parametrize("kind", TRANSLATORS)
def test_every_single_call_counts_as_one(acme, key, kind):
    set_limit(acme, "events_per_day", 1)
    send(key, {"userId": "u"}, f"/v1/{kind}")
    assert send(key, {"userId": "u"}, f"/v1/{kind}").status_code == 429


def test_within_the_limit_a_request_pays_no_statement_for_it(acme, key):
    set_limit(acme, "events_per_second", 100_000)
    send(key, batch(0, 10))
    with CaptureQueriesContext(connection) as statements:
        for number in range(1, 11):
            assert send(key, batch(number * 10, 10)).status_code == 200
    assert not any("access_" in statement["sql"] for statement in statements)
