"""What caps and ageing leave of events, for one tenant alone; and caps that cannot be."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engage_server.activity.models import EventName
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import ActiveDays, WeightedEvents
from engage_server.tenancy.scope import tenant_scope

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def saved(user: str, number: int, *, days_ago: int = 0) -> EventItem:
    at = NOON - timedelta(days=days_ago, seconds=number)
    return EventItem(f"{user}{number}{days_ago}", "saved", PersonKey(user_id=user), at, at, account="a")


def totals(tenant, **fields):
    with tenant_scope(tenant), current_rollups():
        frame = RESOLVERS[WeightedEvents](
            WeightedEvents(**fields), day_window(date(2026, 3, 2), tenant.timezone)
        )
    return frame.select("event", "count", "counted", "weight").rows()


def test_a_cap_holds_by_person_and_day_and_an_old_event_counts_less(acme, globex):
    with tenant_scope(acme):
        store_items(
            [
                *(saved("ada", n) for n in range(5)),
                *(saved("ada", n, days_ago=10) for n in range(3)),
                saved("bob", 1),
            ],
            source="web",
        )
        EventName.objects.filter(name="saved").update(weight=-2)
    with tenant_scope(globex):
        store_items([saved("ada", 1)], source="web")
    assert totals(acme) == [("saved", 9, 9.0, -2.0)]
    assert totals(acme, daily_cap=2) == [("saved", 9, 5.0, -2.0)]
    assert totals(acme, daily_cap=2, daily_caps=(("saved", 4),)) == [("saved", 9, 8.0, -2.0)]
    assert totals(acme, half_life_days=10.0) == [("saved", 9, 7.5, -2.0)]
    assert totals(acme, days=10, half_life_days=10.0) == [("saved", 6, 6.0, -2.0)]
    assert totals(globex, daily_cap=2) == [("saved", 1, 1.0, 1.0)]


def test_a_cap_that_cannot_be_is_refused_with_the_remedy(acme):
    for fields in ({"daily_cap": 0}, {"daily_caps": (("saved", 0),)}, {"half_life_days": -1.0}):
        with pytest.raises(ValueError, match="Remedy: raise it"):
            totals(acme, **fields)


def test_active_days_are_those_of_the_own_tenant_and_no_notice_makes_one(acme, globex):
    dismissed = EventItem("n", "Survey Dismissed", PersonKey("eve"), NOON, NOON, account="a", passive=True)
    with tenant_scope(acme):
        store_items([saved("ada", 1), saved("ada", 2), saved("ada", 1, days_ago=1), dismissed], source="web")
    window = day_window(date(2026, 3, 2), acme.timezone)
    for tenant, days in ((acme, [date(2026, 3, 1), date(2026, 3, 2)]), (globex, [])):
        with tenant_scope(tenant), current_rollups():
            assert sorted(RESOLVERS[ActiveDays](ActiveDays(), window)["day"]) == days
