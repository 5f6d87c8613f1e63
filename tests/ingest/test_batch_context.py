"""What a batch says around its items holds for each, unless the item says otherwise."""

import json

import pytest

from engage_server.activity.models import Event
from engage_server.customers.models import Person
from engage_server.ingest.limits import MAX_BODY_BYTES
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.quarantine.replay import replay
from engage_server.ingest.quarantine.store import find_items
from engage_server.tenancy.scope import TenantRef, tenant_scope

PLAIN = {
    "type": "track",
    "event": "x",
    "userId": "ada",
    "timestamp": "2026-03-01T12:00:00Z",
    "properties": {},
}
WITHDRAWN = {"consent": {"categoryPreferences": {"Analytics": False}}}


@pytest.mark.parametrize("beside", [[], [{"type": "identify", "userId": "ada"}]], ids=["plain", "mixed"])
def test_the_account_of_a_batch_is_that_of_its_items_unless_they_name_one(
    acme: TenantRef, globex: TenantRef, post, beside
):
    calls = [
        PLAIN | {"messageId": "batch's"},
        PLAIN | {"messageId": "own", "context": {"groupId": "other"}},
        PLAIN | {"messageId": "beside", "context": {"library": {"name": "x"}}},
        PLAIN | {"messageId": "php", "context": []},
    ]
    calls = calls if beside else calls[:3]
    answer = post({"batch": calls + beside, "context": {"groupId": "acc", "library": {"name": "y"}}}).json()
    assert (answer["accepted"], answer["rejected"]) == (len(calls + beside), [])
    named = {"batch's": "acc", "own": "other", "beside": "acc"} | ({"php": "acc"} if beside else {})
    with tenant_scope(acme):
        assert dict(Event.objects.values_list("message_id", "account__external_id")) == named
    with tenant_scope(globex):
        assert not Event.objects.exists()


def test_consent_of_a_batch_is_that_of_its_items(acme: TenantRef, post):
    agrees = {"context": {"consent": {"analytics": True}}}
    batch = [{"type": "identify", "userId": "ada"}, {"type": "identify", "userId": "bob", **agrees}]
    assert post({"batch": batch, "context": WITHDRAWN}).json()["accepted"] == 2
    with tenant_scope(acme):
        assert dict(Person.objects.values_list("external_id", "consents")) == {"ada": False, "bob": True}
    assert post({"batch": [PLAIN]}).json()["rejected"][0]["code"] == "consent_withdrawn"


def test_what_the_batch_said_is_known_again_when_an_item_is_replayed(acme: TenantRef, post):
    answer = {"type": "track", "event": "Survey Answered", "userId": "ada"}
    scale = {"instrument": "ces", "scale_min": 1, "scale_max": 7, "score": 6}
    post({"batch": [answer | {"properties": scale}], "context": {"groupId": "acc"}})
    with tenant_scope(acme):
        item = QuarantinedItem.objects.get(code="missing_direction")
        assert json.loads(item.payload)["context"] == {"groupId": "acc"}
        item.payload = item.payload.replace('"ces"', '"nps"')
        item.save()
        assert replay(find_items(code="missing_direction")).stored == 1
        assert Event.objects.get(name__name="Survey Answered").account.external_id == "acc"


def test_a_context_that_would_make_a_batch_too_large_is_refused_before_it_is_spread(post):
    items = [{}] * 4_000
    answer = post({"batch": items, "context": {"traits": {"a": "x" * (MAX_BODY_BYTES // 3_000)}}})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("context", [[], 7, None, "x", {"groupId": {"a": 1}}], ids=str)
def test_a_context_that_cannot_be_read_costs_itself(acme: TenantRef, post, context):
    calls = [PLAIN, {"type": "identify", "userId": "ada"}]
    assert post({"batch": calls, "context": context}).json()["accepted"] == 2
    with tenant_scope(acme):
        assert Event.objects.get().account is None
