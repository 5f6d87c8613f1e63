"""How far persons and accounts came: of one tenant, in the tenant's days, whoever was merged and whatever came late."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RANGE_RESOLVERS, RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.ingest.items import AliasItem, EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import EventTotals, InputSpec, SignupDays, SignupMilestones
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 3, 31)
# Clocks in Berlin go forward on the 29th: that day has 23 hours.
BEGIN = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
MILESTONES = SignupMilestones((("saved", 2),), within_days=1, days=10, signup_event="joined")
DAYS = SignupDays(days=10, signup_event="joined")
TOTALS = EventTotals((("saved", 2), ("never", 1)))


def event(name: str, hours: float, user: str = "ada") -> EventItem:
    at = BEGIN + timedelta(hours=hours)
    return EventItem(f"{name} {hours} {user}", name, PersonKey(user), at, at, account="acct")


def send(tenant: TenantRef, *items: EventItem | AliasItem) -> None:
    with tenant_scope(tenant):
        store_items(items, source="web")


def answer(tenant: TenantRef, spec: InputSpec, day: date = DAY) -> list[tuple]:
    with tenant_scope(tenant), current_rollups():
        return sorted(RESOLVERS[type(spec)](spec, day_window(day, tenant.timezone)).rows(), key=str)


def test_a_milestone_counts_within_its_hours_and_one_tenant_knows_nothing_of_the_other(acme, globex):
    send(acme, event("joined", 0), event("saved", 1), event("saved", 23.9))
    send(globex, event("joined", 0), event("saved", 1), event("saved", 24))
    ((*_, reached),) = answer(acme, MILESTONES)
    assert reached == BEGIN + timedelta(hours=23.9)
    ((*_, not_in_time),) = answer(globex, MILESTONES)
    assert not_in_time is None


def test_first_days_are_those_of_the_tenants_calendar(acme):
    tenant = replace(acme, timezone="Europe/Berlin")
    # 23:30 on the 28th; then ten minutes to midnight, the last minute of the short 29th, and the 30th.
    send(acme, event("joined", 0), event("saved", 20 / 60), event("saved", 23.4), event("saved", 23.6))
    assert [row[3:5] for row in answer(tenant, DAYS)] == [(0, 2), (1, 1), (2, 1)]


@pytest.mark.parametrize("spec", [MILESTONES, DAYS])
def test_a_merged_person_signs_up_once(acme, spec):
    send(acme, event("joined", 0), event("joined", 5, "bob"), event("saved", 6, "bob"), event("saved", 7))
    assert len({row[0] for row in answer(acme, spec)}) == 2
    send(acme, AliasItem("ada", "bob"))
    rows = answer(acme, spec)
    assert len({row[0] for row in rows}) == 1
    assert {row[2] for row in rows} == {BEGIN}


def test_repeated_and_late_events_change_nothing_and_what_they_have_to(acme):
    send(acme, event("joined", 0), event("saved", 3))
    send(acme, event("joined", 0), event("saved", 3))
    assert [row[3] for row in answer(acme, MILESTONES)] == [None]
    send(acme, event("saved", 1))
    assert [row[3] for row in answer(acme, MILESTONES)] == [BEGIN + timedelta(hours=3)]


def test_totals_grow_with_the_days_and_a_range_answers_as_each_day_does(acme, globex):
    send(acme, event("saved", 0), event("saved", 30), event("saved", 31, "bob"), event("joined", 0))
    send(globex, event("saved", 0))
    days = [date(2026, 3, 27) + timedelta(days=number) for number in range(5)]
    one_by_one = [answer(acme, TOTALS, day) for day in days]
    assert [[row[2:] for row in rows] for rows in one_by_one] == [
        [],
        [(1, date(2026, 3, 28), None)],
        [(1, date(2026, 3, 28), None)],
        *[[(3, date(2026, 3, 28), date(2026, 3, 30))]] * 2,
    ]
    windows = [day_window(day, acme.timezone) for day in days]
    with tenant_scope(acme), current_rollups():
        cut = RANGE_RESOLVERS[EventTotals](TOTALS, windows)
        assert [sorted(cut(window).rows(), key=str) for window in windows] == one_by_one
    assert [row[2] for row in answer(globex, TOTALS)] == [1]


def test_a_milestone_that_needs_nothing_is_refused(acme):
    with tenant_scope(acme), current_rollups(), pytest.raises(ValueError, match="Remedy: once at least"):
        RESOLVERS[EventTotals](EventTotals((("saved", 0),)), day_window(DAY, acme.timezone))
