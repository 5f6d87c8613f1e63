"""From events that come in to the action that goes with staying, and to accounts that go quiet: each in its tenant."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.windows import day_window
from engage_server.engine.compute import compute_day
from engage_server.ingest.items import EventItem, Item, PersonKey
from engage_server.ingest.store import store_items
from engage_server.plugin_host import activation
from engage_server.sdk import TENANT, Measurement
from engage_server.tenancy.scope import TenantRef, tenant_scope

BORN = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = (BORN + timedelta(days=40)).date()


def use(name: str, person: str, days: float, account: str | None = None) -> EventItem:
    at = BORN + timedelta(days=days)
    return EventItem(f"{name} {person} {at}", name, PersonKey(user_id=person), at, at, account=account)


def signups() -> list[Item]:
    """Of 60 sign-ups 30 publish in week one, of whom 27 come back in week five; of the others 4."""
    found: list[Item] = []
    for number in range(60):
        person = f"p{number}"
        found.append(use("Signed Up", person, 0))
        if number < 30:
            found.append(use("Published", person, 2))
        if number < 27 or number >= 56:
            found.append(use("Looked", person, 30))
    return found


def computed(tenant: TenantRef, plugin: str) -> dict[str, Measurement]:
    """What the plugin, enabled now, measures of the tenant on DAY, by metric."""
    with tenant_scope(tenant):
        activation.enable(plugin)
        with current_rollups():
            window = day_window(DAY, tenant.timezone)
            values = compute_day(activation.active_plugin(plugin), window, run_id=0).values
    return {one.metric: one.measurement for one in values if one.measurement.subject == TENANT}


def test_publishing_in_week_one_is_found_in_one_tenants_events_and_nothing_in_anothers(acme, globex):
    with tenant_scope(acme):
        store_items(signups(), source="web")
    with tenant_scope(globex):
        store_items([use("Published", "p1", 0), use("Looked", "p1", 30)], source="web")
    found = computed(acme, "aha")["aha.retention"]
    table = (27 * 26 - 3 * 4) / math.sqrt(30 * 30 * 31 * 29)
    assert found.value == pytest.approx(table)
    assert (found.n, found.details.best) == (60, "Published at least once within the first 3 days")
    assert computed(globex, "aha")["aha.retention"].value is None


def test_an_account_that_goes_quiet_alarms_in_its_own_tenant(acme, globex):
    def weeks(quiet_from: int) -> list[Item]:
        return [
            use("Looked", f"p{person}", 40 - 7 * ago - day, account="firm")
            for ago in range(12)
            for day in range(3)
            for person in range(3)
            if ago >= quiet_from or person == day == 0
        ]

    for tenant, quiet_from in ((acme, 2), (globex, 0)):
        with tenant_scope(tenant):
            store_items(weeks(quiet_from), source="web")
    quiet = computed(acme, "early_warning")["early_warning.alarming"]
    assert (quiet.value, quiet.details.alarming, quiet.details.judged) == (100, 1, 1)
    assert computed(globex, "early_warning")["early_warning.alarming"].value == 0
