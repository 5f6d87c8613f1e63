"""Origins, retention and limits over GraphQL, each tenant its own."""

from datetime import UTC, datetime, timedelta

import pytest

from engage_server.access.limits import DAILY_EVENTS, TENANT
from engage_server.access.models import ApiKey, Bucket, Limit
from engage_server.access.principal import EVERYTHING, Permission
from engage_server.activity.models import Event
from engage_server.api.types.tenant_settings import LimitName, ShareName
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.api.conftest import Caller

READ = "{ tenantSettings { allowedOrigins eventsKeepDays firstDayKept } }"
ORIGINS = """
    mutation ($input: SetOriginsInput!) { setOrigins(input: $input) { settings { allowedOrigins } } }
"""
RETENTION = """
    mutation ($input: SetRetentionInput!) { setRetention(input: $input) {
        dryRun eventsToDelete settings { eventsKeepDays firstDayKept } } }
"""
LIMITS = "{ limits { name amount isDefault used } }"


@pytest.fixture
def admins(at_acme: Caller, at_globex: Caller) -> list[Caller]:
    return [
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    ]


def test_origins_are_set_in_their_own_tenant(admins):
    ours, theirs = admins
    done = ours.data(ORIGINS, input={"origins": ["https://b.example", "https://a.example/"]})["setOrigins"]
    assert done["settings"]["allowedOrigins"] == ["https://a.example", "https://b.example"]
    assert theirs.data(READ)["tenantSettings"]["allowedOrigins"] == []
    ours.data(ORIGINS, input={"origins": [], "dryRun": True})
    assert len(ours.data(READ)["tenantSettings"]["allowedOrigins"]) == 2
    assert ours.code(ORIGINS, input={"origins": ["a.example"]}) == "BAD_USER_INPUT"
    assert ours.data(ORIGINS, input={"origins": []})["setOrigins"]["settings"]["allowedOrigins"] == []


def test_how_long_events_are_kept_is_tried_before_it_is_set(admins):
    ours, theirs = admins
    now = datetime.now(UTC)
    for one in admins:
        with tenant_scope(one.tenant):
            events = [
                EventItem(f"m{days}", "saved", PersonKey("ada"), now - timedelta(days=days), now)
                for days in (1, 500, 600)
            ]
            store_items(events, source="test")
    tried = ours.data(RETENTION, input={"eventsKeepDays": 400, "dryRun": True})["setRetention"]
    assert (tried["eventsToDelete"], tried["settings"]["eventsKeepDays"]) == (2, None)
    done = ours.data(RETENTION, input={"eventsKeepDays": 400})["setRetention"]
    first = (now.astimezone(ours.tenant.zone).date() - timedelta(days=400)).isoformat()
    assert done["settings"] == {"eventsKeepDays": 400, "firstDayKept": first}
    assert theirs.data(READ)["tenantSettings"]["eventsKeepDays"] is None
    assert ours.data(RETENTION, input={"eventsKeepDays": None})["setRetention"]["eventsToDelete"] == 0
    for days in (0, -1, 100_000):
        assert ours.code(RETENTION, input={"eventsKeepDays": days}) == "BAD_USER_INPUT"
    with tenant_scope(theirs.tenant):
        assert Event.objects.count() == 3


def test_retention_needs_the_right_to_manage_privacy(admins):
    ours, _ = admins
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=EVERYTHING - {Permission.PRIVACY_MANAGE})
    without = Caller(ours.tenant, make_key(ours.tenant, request).text, ours.host)
    assert without.code(RETENTION, input={"eventsKeepDays": 400}) == "FORBIDDEN"


def test_a_tenant_reads_its_limits_and_what_is_used_of_them(admins):
    ours, theirs = admins
    set_limit(ours.tenant, Limit.Name.EVENTS_PER_DAY, 1_000)
    set_limit(ours.tenant, Limit.Name.EVENTS_PER_SECOND, 0)
    now = datetime.now(UTC)
    with shared_scope():
        for used, at in ((250, now), (99, now)):
            Bucket.objects.update_or_create(
                tenant_id=ours.tenant.id if used == 250 else theirs.tenant.id,
                holder=TENANT,
                budget=DAILY_EVENTS,
                defaults={"used": used, "granted": 0, "moved_at": at},
            )
    found = {one["name"]: one for one in ours.data(LIMITS)["limits"]}
    assert [*found] == [one.name for one in LimitName]
    assert found["EVENTS_PER_DAY"] == {
        "name": "EVENTS_PER_DAY",
        "amount": 1_000,
        "isDefault": False,
        "used": 250,
    }
    assert (found["EVENTS_PER_SECOND"]["amount"], found["EVENTS_PER_SECOND"]["isDefault"]) == (None, False)
    assert {one["name"]: one for one in theirs.data(LIMITS)["limits"]}["EVENTS_PER_DAY"]["used"] == 99
    with shared_scope():
        Bucket.objects.filter(tenant_id=ours.tenant.id).update(moved_at=now - timedelta(days=2))
    found = {one["name"]: one for one in ours.data(LIMITS)["limits"]}
    assert found["EVENTS_PER_DAY"]["used"] == 0


def test_the_names_of_limits_are_those_of_the_table():
    assert [(one.name, one.value) for one in LimitName] == [(one.name, one.value) for one in Limit.Name]


SHARE = "mutation ($input: SetShareInput!) { setShare(input: $input) { dryRun limits { name amount isDefault } } }"


def test_a_tenant_says_what_each_key_and_each_person_may_use(admins):
    ours, theirs = admins
    name = "KEY_POINTS_PER_MINUTE"

    def amounts(answer) -> dict:
        return {one["name"]: (one["amount"], one["isDefault"]) for one in answer}

    tried = ours.data(SHARE, input={"name": name, "points": 600, "dryRun": True})["setShare"]
    assert tried["dryRun"]
    assert amounts(ours.data(LIMITS)["limits"])[name] == (None, True)
    done = ours.data(SHARE, input={"name": name, "points": 600})["setShare"]
    assert amounts(done["limits"])[name] == (600, False)
    assert amounts(theirs.data(LIMITS)["limits"])[name] == (None, True)
    back = ours.data(SHARE, input={"name": name, "points": None})["setShare"]
    assert amounts(back["limits"])[name] == (None, True)
    for points in (-1, 1_000_001):
        assert ours.code(SHARE, input={"name": name, "points": points}) == "BAD_USER_INPUT"
    viewer = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    reader = Caller(ours.tenant, make_key(ours.tenant, viewer).text, ours.host)
    assert reader.code(SHARE, input={"name": name, "points": 1}) == "FORBIDDEN"


def test_the_shares_are_limits_that_a_key_and_a_person_have():
    assert {one.value for one in ShareName} <= {one.value for one in LimitName}
