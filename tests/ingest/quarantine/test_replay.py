"""What was refused is read again once the cause is gone."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.customers.models import Account
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.protocols.registry import TRANSLATIONS
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.ingest.protocols.bodies import PATHS, one_event

GROUP = {"event_type": "$groupidentify", "groups": {"studio": "s-1"}, "group_properties": {"name": "Studio"}}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("quarantine", *arguments, "--tenant", "acme", stdout=out)
    return out.getvalue()


def test_what_can_now_be_taken_is_stored_and_the_rest_stays(
    acme: TenantRef, globex: TenantRef, key: str, send, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner in (key, create_key(globex, ApiKey.Kind.INGEST)):
        send("/2/httpapi", {"api_key": owner, "events": [GROUP, {"event_type": "E", "time": "noon"}]})
    assert "unknown_group_type" in run("list")
    assert "2 in quarantine" in run("list", "--limit", "0")
    assert run("replay").strip() == "stored 0 · duplicate 0 · kept 2"
    monkeypatch.setattr(settings, "ENGAGE_ACCOUNT_GROUP_TYPES", ["studio"])
    assert run("replay", "--source", "elsewhere").strip() == "stored 0 · duplicate 0 · kept 0"
    assert run("replay", "--code", "unknown_group_type").strip() == "stored 1 · duplicate 0 · kept 0"
    assert run("replay").strip() == "stored 0 · duplicate 0 · kept 1"
    with tenant_scope(acme):
        assert Account.objects.get().name == "Studio"
        assert QuarantinedItem.objects.get().code == "invalid_timestamp"
    with tenant_scope(globex):
        assert not Account.objects.exists()
        assert QuarantinedItem.objects.count() == 2


@pytest.mark.parametrize("protocol", PATHS)
def test_every_protocols_items_are_replayed_as_they_came_and_without_a_key(
    acme: TenantRef, key: str, send, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A clock that is days fast: refused now, accepted where the tolerance is wider.
    ahead = datetime.now(UTC) + timedelta(days=9)
    body = one_event(protocol, key)
    item = (
        body[0]
        if isinstance(body, list)
        else next(value for value in body.values() if isinstance(value, list))[0]
    )
    fields = {"amplitude": "time", "snowplow": "ttm", "mixpanel": "time"}
    told = ahead.isoformat() if protocol in {"segment", "posthog"} else int(ahead.timestamp() * 1000)
    (item["properties"] if protocol == "mixpanel" else item)[fields.get(protocol, "timestamp")] = told
    assert send(PATHS[protocol], body).status_code == 200
    with tenant_scope(acme):
        kept = QuarantinedItem.objects.get()
        assert (kept.code, kept.protocol) == ("timestamp_in_future", protocol)
        assert key not in kept.payload
    monkeypatch.setattr(settings, "ENGAGE_FUTURE_TOLERANCE_S", 30 * 86_400)
    assert run("replay").strip() == "stored 1 · duplicate 0 · kept 0"
    assert send(PATHS[protocol], body).status_code == 200
    with tenant_scope(acme):
        assert abs(Event.objects.get().occurred_at - ahead) < timedelta(milliseconds=2)
        assert not QuarantinedItem.objects.exists()


def test_an_item_under_a_foreign_key_stays(acme: TenantRef, key: str, other_key: str, send) -> None:
    good, foreign = one_event("mixpanel", key)[0], one_event("mixpanel", other_key)[0]
    assert [one["code"] for one in send("/track?verbose=1", [good, foreign]).json()["rejected"]] == [
        "foreign_key"
    ]
    assert run("replay").strip() == "stored 0 · duplicate 0 · kept 1"


def test_replay_is_for_a_tenant_that_is_served(acme: TenantRef) -> None:
    with pytest.raises(CommandError, match="no tenant"):
        call_command("quarantine", "replay", "--tenant", "nobody")


def test_every_protocol_can_be_replayed() -> None:
    assert set(TRANSLATIONS) == set(PATHS)
