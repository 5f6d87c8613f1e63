"""From events to what is read of a customer's journey: in any order, twice, late, merged; and of one tenant alone."""

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.ingest.items import AccountItem, AliasItem, EventItem, Item, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller

# The clocks of Berlin and New York change within these weeks, each on a day of its own.
SIGNED_UP = datetime(2026, 3, 6, 12, tzinfo=UTC)
DAY = (SIGNED_UP + timedelta(days=25)).date()
REPORT, SHARED = {"event": "Report Built"}, {"event": "Report Shared"}
SIGNUP = {"signup_event": "Signed Up"}
CONFIGS = {
    "activation": {**SIGNUP, "milestones": [REPORT, SHARED]},
    "time_to_value": {**SIGNUP, "value": [REPORT]},
    "unused_signups": {**SIGNUP, "value": [REPORT]},
    "first_week": {**SIGNUP, "aha": [SHARED]},
    "conversion": {},
    "task_completion": {"attempt_property": "task"},
    "milestones": {"event": "Report Built", "levels": [2, 4]},
}
QUERY = """query ($on: Date) {
    activation(on: $on) { rate { value signups milestones { event reached } } }
    timeToValue(on: $on) { time { value shareReached waiting } }
    unusedSignups(on: $on) { share { value } }
    firstWeek(on: $on) { score { status signups activeDays ahaShare } }
    conversion(on: $on) { rate { value entrants } }
    taskCompletion(on: $on) { rate { value started retried } }
    account(externalId: "acct") { milestones(on: $on) { progress { value events levels { reachedOn } } } }
}"""


def did(name: str, user: str, *, days: float = 0, hours: float = 0, task: str = "") -> EventItem:
    at = SIGNED_UP + timedelta(days=days, hours=hours)
    properties = json.dumps({"task": task} if task else {})
    return EventItem(
        f"{name} {user} {at}", name, PersonKey(user), at, at, account="acct", properties=properties
    )


# Eve signs up twice, and is found to be one person.
JOURNEYS: tuple[Item, ...] = (
    AccountItem("acct", started_at=SIGNED_UP, occurred_at=SIGNED_UP),
    *(did("Signed Up", user) for user in ("ada", "bob", "eve")),
    did("Signed Up", "eve at home", hours=1),
    did("Report Built", "ada", hours=3),
    did("Report Shared", "ada", days=5),
    did("Trial Started", "ada", days=6),
    did("Task Started", "ada", days=1, task="t"),
    did("Task Started", "ada", days=1, hours=1, task="t"),
    did("Task Completed", "ada", days=1, hours=2, task="t"),
    did("Report Built", "eve at home", days=8),
    AliasItem("eve", "eve at home"),
)


def at(tenant: TenantRef, host: str, items: Iterable[Item]) -> Caller:
    with tenant_scope(tenant):
        store_items(items, source="web")
        for plugin, config in CONFIGS.items():
            activation.enable(plugin, config=config)
    return Caller(tenant, create_key(tenant, ApiKey.Kind.QUERY), host)


def read(caller: Caller) -> dict:
    call_command("compute", tenant=caller.tenant.slug, plugin=list(CONFIGS), first=DAY, last=DAY, verbosity=0)
    return caller.data(QUERY, on=str(DAY))


def test_journeys_are_read_as_they_were_whatever_their_events_order_and_however_often_they_came(acme, globex):
    seen = read(at(acme, "acme.localhost", JOURNEYS))
    rate = seen["activation"]["rate"]
    assert (rate["value"], rate["signups"]) == (pytest.approx(100 / 3), 3)
    assert [one["reached"] for one in rate["milestones"]] == [1, 1]
    time = seen["timeToValue"]["time"]
    assert (time["value"], time["shareReached"], time["waiting"]) == (8, pytest.approx(2 / 3), 1)
    assert seen["unusedSignups"]["share"]["value"] == pytest.approx(200 / 3)
    week = seen["firstWeek"]["score"]
    assert (week["status"], week["signups"], week["ahaShare"]) == ("OK", 3, pytest.approx(1 / 3))
    assert week["activeDays"] == pytest.approx(
        (3 + 1 + 1) / 3
    )  # that a trial starts is done to ada, not by her
    assert seen["conversion"]["rate"] == {"value": pytest.approx(100 / 3), "entrants": 3}
    assert seen["taskCompletion"]["rate"] == {"value": 100, "started": 1, "retried": 1}
    progress = seen["account"]["milestones"]["progress"]
    assert (progress["value"], progress["events"]) == (50, 2)
    assert [one["reachedOn"] for one in progress["levels"]] == ["2026-03-14", None]

    twice = random.Random(7).sample(JOURNEYS + JOURNEYS, 2 * len(JOURNEYS))
    assert read(at(globex, "globex.localhost", twice)) == seen


def test_an_event_that_comes_late_counts_for_the_day_that_it_concerns_and_for_its_own_tenant(acme, globex):
    callers = [at(acme, "acme.localhost", JOURNEYS), at(globex, "globex.localhost", JOURNEYS)]
    before = [read(caller) for caller in callers]
    with tenant_scope(acme):
        store_items([did("Report Built", "bob", days=1)], source="web")
    late, other = (read(caller) for caller in callers)
    assert late["unusedSignups"]["share"]["value"] == pytest.approx(100 / 3)
    assert late["timeToValue"]["time"]["value"] == 1
    assert late["account"]["milestones"]["progress"]["value"] == 75
    assert other == before[1]
