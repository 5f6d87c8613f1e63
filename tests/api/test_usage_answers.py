"""Usage over GraphQL, from events on: duration beside bounce and adoption, and each tenant its own."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = NOON.date()
ADOPTION = {"activation_event": "saved", "existing_users_days": 0, "cohort": "trailing"}
TOGETHER = """query ($on: Date) {
    timeSpent(on: $on) {
        sessionDuration { value median p90 completion completionMetric direction unit }
        bounceRate { value countedSessions interval { low high } }
    }
    adoption(on: $on) { productAdoption { value signups } }
}"""
USED = """query ($on: Date) {
    activeUsers(on: $on) { dau { value engagedPersons } lifecycle { value new dormant } }
    stickiness(on: $on) { ratio { value impliedDaysPerMonth } activeDays { histogram { activeDays persons } } }
    engagement(on: $on) { score { value contributions { label points } } }
    account(externalId: "a") { usageFrequency(on: $on) { activeDays { value frequency low } } }
}"""


def did(user: str, name: str, minute: int, *, passive: bool = False) -> EventItem:
    at = NOON + timedelta(minutes=minute)
    return EventItem(f"{user} {name} {minute}", name, PersonKey(user), at, at, account="a", passive=passive)


@pytest.fixture
def callers(acme: TenantRef, globex: TenantRef) -> tuple[Caller, Caller]:
    """Ada reads a page and saves something, Bob sees a page and goes; Globex has Bob alone."""
    ada = [
        did("ada", "Page Viewed", 0, passive=True),
        did("ada", "Page Viewed", 1, passive=True),
        did("ada", "saved", 4),
    ]
    bob = [did("bob", "Page Viewed", 0, passive=True)]
    for tenant, events in ((acme, [*ada, *bob]), (globex, bob)):
        with tenant_scope(tenant):
            store_items(events, source="web")
            for plugin in ("active_users", "engagement", "stickiness", "time_spent", "usage_frequency"):
                activation.enable(plugin)
            activation.enable("adoption", ADOPTION)
        plugins = ["active_users", "adoption", "engagement", "stickiness", "time_spent", "usage_frequency"]
        call_command("compute", tenant=tenant.slug, plugin=plugins, first=DAY, last=DAY, verbosity=0)
    return (
        Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost"),
        Caller(globex, create_key(globex, ApiKey.Kind.ADMIN), "globex.localhost"),
    )


def test_duration_bounce_and_adoption_come_in_one_query(callers):
    acme, globex = callers
    found = acme.data(TOGETHER, on=str(DAY))
    duration, bounce = found["timeSpent"]["sessionDuration"], found["timeSpent"]["bounceRate"]
    assert (duration["value"], duration["median"], duration["p90"]) == (120, 120, 216)
    assert (duration["completion"], duration["completionMetric"]) == (None, "task_completion.rate")
    assert (duration["direction"], duration["unit"]) == ("TARGET", "seconds")
    assert (bounce["value"], bounce["countedSessions"]) == (50, 2)
    assert bounce["interval"]["low"] < 50 < bounce["interval"]["high"]
    assert found["adoption"]["productAdoption"]["value"] == 50
    theirs = globex.data(TOGETHER, on=str(DAY))
    assert theirs["timeSpent"]["sessionDuration"]["value"] == 0
    assert theirs["timeSpent"]["bounceRate"]["value"] == 100
    assert theirs["adoption"]["productAdoption"]["value"] == 0


def test_usage_is_typed_and_each_tenants_own(callers):
    found, theirs = (caller.data(USED, on=str(DAY)) for caller in callers)
    assert found["activeUsers"]["dau"] == {"value": 2, "engagedPersons": 1}
    assert found["activeUsers"]["lifecycle"] == {"value": 2, "new": 2, "dormant": 0}
    assert found["stickiness"]["ratio"] == {"value": 100, "impliedDaysPerMonth": 30}
    assert found["stickiness"]["activeDays"]["histogram"] == [{"activeDays": 1, "persons": 2}]
    assert found["engagement"]["score"]["value"] == 4
    assert found["engagement"]["score"]["contributions"][0] == {"label": "Page Viewed", "points": 3}
    assert found["account"]["usageFrequency"]["activeDays"] == {
        "value": 1,
        "frequency": "INFREQUENT",
        "low": True,
    }
    assert theirs["activeUsers"]["dau"] == {"value": 1, "engagedPersons": 0}
    assert theirs["engagement"]["score"]["value"] == 1
