"""What the usage plugins measure of stored events: late, repeated and shuffled ones, two devices, two tenants."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.models import Account
from engage_server.customers.windows import day_window
from engage_server.engine.compute import compute_day
from engage_server.ingest.items import AccountItem, EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.tenants import onboard
from engage_server.plugin_host import activation
from engage_server.sdk import TENANT, Measurement, Subject
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 3, 2)
MIDNIGHT = datetime(2026, 3, 1, 23, tzinfo=UTC)
"""The midnight that begins the day in Berlin."""
PLUGINS = ("active_users", "stickiness", "usage_frequency", "time_spent", "engagement", "pes")


def did(
    user: str, at: datetime, *, name: str = "saved", account: str = "a", passive: bool = False
) -> EventItem:
    return EventItem(
        f"{user}{at}{name}{account}", name, PersonKey(user), at, at, account=account, passive=passive
    )


def measured(tenant: TenantRef, plugin: str, **config: object) -> dict[tuple[str, Subject], Measurement]:
    with tenant_scope(tenant), current_rollups():
        activation.enable(plugin, config)
        values = compute_day(
            activation.active_plugin(plugin), day_window(DAY, tenant.timezone), run_id=0
        ).values
    return {(value.metric, value.measurement.subject): value.measurement for value in values}


def store(tenant: TenantRef, *items: EventItem | AccountItem) -> None:
    with tenant_scope(tenant):
        store_items(items, source="web")


def at(hour: int, minute: int = 0, second: int = 0, *, days_ago: int = 0) -> datetime:
    return MIDNIGHT + timedelta(hours=hour, minutes=minute, seconds=second) - timedelta(days=days_ago)


def test_active_minutes_are_a_union_over_devices_without_idling(acme, globex):
    phone = did("ada", at(0, 1, 40), name="scrolled", passive=True)
    store(acme, did("ada", at(0, 0, 50)), did("ada", at(0, 1, 30)), did("ada", at(0, 2, 1)), phone)
    store(acme, did("bob", at(9)), did("bob", at(17)))
    store(globex, did("ada", at(12)))
    found = measured(acme, "time_spent")["time_spent.active_minutes", TENANT]
    # A tab that stays open from nine to five is two minutes of Bob's.
    assert (found.value, found.details.persons) == (3 + 2, 2)
    assert measured(globex, "time_spent")["time_spent.active_minutes", TENANT].value == 1
    by_gaps = measured(acme, "time_spent", method="gaps")["time_spent.active_minutes", TENANT]
    assert by_gaps.value == pytest.approx(71 / 60)


def test_a_single_page_visit_is_a_bounce_of_its_own_tenant(acme, globex):
    pages = [
        did("ada", at(9), name="Page Viewed", passive=True),
        did("bob", at(9), name="Page Viewed", passive=True),
        did("bob", at(9, 5), name="Page Viewed", passive=True),
        did("eve", at(9)),
    ]
    store(acme, *pages)
    store(globex, pages[0])
    found = measured(acme, "time_spent")["time_spent.bounce_rate", TENANT]
    assert (found.value, found.details.counted_sessions, found.details.null_sessions) == (50, 2, 1)
    assert measured(globex, "time_spent")["time_spent.bounce_rate", TENANT].value == 100


def history() -> list[EventItem | AccountItem]:
    """Two months of some persons in three accounts, with visits, uses and pages."""
    chance = random.Random(7)
    items: list[EventItem | AccountItem] = [AccountItem(name, stage="CUSTOMER") for name in "abc"]
    for _ in range(160):
        user, account = chance.choice("stuvw"), chance.choice("abc")
        moment = at(chance.randrange(24), chance.randrange(60), days_ago=chance.randrange(70))
        name = chance.choice(["saved", "Page Viewed", "shared"])
        items.append(did(user, moment, name=name, account=account, passive=name == "Page Viewed"))
    return items


@pytest.mark.parametrize("plugin", PLUGINS)
def test_late_repeated_and_shuffled_events_make_the_same_values(acme, plugin):
    later = onboard(slug="later", name="Later", domain="later.localhost", timezone=acme.timezone).tenant
    told = history()
    store(acme, *told)
    shuffled = random.Random(1).sample(told, len(told))
    store(later, *shuffled[:40])
    measured(later, plugin)  # what was computed before the rest came leaves no trace
    store(later, *shuffled[20:], *shuffled[:40])
    assert by_name(later, plugin) == by_name(acme, plugin)


def by_name(tenant: TenantRef, plugin: str) -> dict[tuple[str, str], tuple[object, ...]]:
    """What is measured, under the accounts' own ids."""
    with tenant_scope(tenant):
        names = dict(Account.objects.values_list("id", "external_id"))
    found = {
        (metric, names.get(subject.id, subject.kind)): (one.value, one.n, one.details, one.status)
        for (metric, subject), one in measured(tenant, plugin).items()
        if subject.kind != "feature"
    }
    assert any(value for value, *_ in found.values())
    return found


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_day_costs_as_many_statements_for_many_accounts_as_for_one(acme, plugin):
    counts = []
    for number in (1, 40):
        store(acme, *(did("ada", at(9, number), account=f"account {number} {one}") for one in range(number)))
        measured(acme, plugin)  # what is read once and kept is not counted
        with tenant_scope(acme), current_rollups():
            active, window = activation.active_plugin(plugin), day_window(DAY, acme.timezone)
            with CaptureQueriesContext(connection) as captured:
                values = compute_day(active, window, run_id=0).values
        counts.append(len(captured))
        if any(value.measurement.subject.kind == "account" for value in values):
            assert len(values) > number
    assert counts[0] == counts[1] <= 12
