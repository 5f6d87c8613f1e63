"""Person-days of many events: kept in parts, of which what comes later rewrites the last one alone."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from itertools import chain
from random import Random

import pytest
from django.db import connection

from engage_server.activity.models import PersonDay
from engage_server.activity.rollups import person_days
from engage_server.activity.rollups.compaction import ensure_current
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import ActiveMinutes, ActivePersons, EventCounts, InputSpec, PersonDays, Sessions
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.removal import remove_events
from tests.activity.rollup_snapshot import rollup_snapshot

DAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 6, tzinfo=UTC)
ADA = PersonKey(user_id="ada")
SPECS = (
    PersonDays(days=1),
    ActiveMinutes(days=1),
    ActivePersons(days=1),
    EventCounts(days=1),
    Sessions(days=1),
)
WHOLE = 1_000


def event(number: int) -> EventItem:
    """The event of this number: three in a minute, and two at each moment."""
    at = MORNING + timedelta(seconds=20 * (number // 2))
    return EventItem(f"m{number}", "saved" if number % 3 else "opened", ADA, at, at)


def play(tenant: TenantRef, batches: list[list[int]], monkeypatch: pytest.MonkeyPatch, *, full: int) -> None:
    """Take in these events batch by batch, with parts of so many events."""
    monkeypatch.setattr(person_days, "FULL", full)
    with tenant_scope(tenant):
        for batch in batches:
            store_items([event(number) for number in batch], source="web")
            ensure_current()


def answers(tenant: TenantRef) -> list[list[tuple]]:
    """What the inputs say of the day; persons and accounts have the same numbers in both tenants."""

    def rows(spec: InputSpec) -> list[tuple]:
        return sorted(RESOLVERS[type(spec)](spec, day_window(DAY, tenant.timezone)).rows())

    with tenant_scope(tenant), current_rollups():
        return [rows(spec) for spec in SPECS]


def sizes(tenant: TenantRef) -> list[int]:
    with tenant_scope(tenant):
        return [len(day.times) for day in PersonDay.objects.order_by("part")]


def require_alike(tenant: TenantRef, other: TenantRef) -> None:
    found, expected = [], []
    for one, snapshot in ((tenant, found), (other, expected)):
        with tenant_scope(one):
            snapshot.append(rollup_snapshot())
    assert found == expected
    assert [[row[1:] for row in rows] for rows in answers(tenant)] == [
        [row[1:] for row in rows] for rows in answers(other)
    ]


def test_events_in_order_fill_part_after_part(acme: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    play(acme, [list(range(10 * n, 10 * n + 10)) for n in range(30)], monkeypatch, full=128)
    assert sizes(acme) == [120, 120, 60]


@pytest.mark.parametrize("full", [1, 2, 5, 13])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_order_the_parts_say_what_one_row_says(
    acme: TenantRef, globex: TenantRef, monkeypatch: pytest.MonkeyPatch, full: int, seed: int
) -> None:
    chance = Random(seed)
    numbers = list(range(40))
    if seed:  # the first is in order; others have late events, within a batch and across them
        chance.shuffle(numbers)
    batches = [numbers[start : start + 1 + seed] for start in range(0, 40, 1 + seed)]
    play(acme, batches, monkeypatch, full=full)
    play(globex, batches, monkeypatch, full=WHOLE)
    assert len(sizes(globex)) == 1
    require_alike(acme, globex)


def test_a_late_event_leaves_the_parts_before_its_own_as_they_were(
    acme: TenantRef, globex: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [[number] for number in chain(range(16), range(18, 24), (16,))]
    play(acme, batches, monkeypatch, full=4)
    play(globex, batches, monkeypatch, full=WHOLE)
    assert sizes(acme) == [4, 4, 4, 4, 7]
    require_alike(acme, globex)


def test_a_part_that_continues_a_minute_does_not_count_it_again(
    acme: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(acme, [[0, 1], [2, 3], [4, 5], [6]], monkeypatch, full=2)
    with tenant_scope(acme):
        assert [day.active_minutes for day in PersonDay.objects.order_by("part")] == [1, 0, 0, 1]


@pytest.mark.parametrize("gone", [range(3), range(9, 15), range(30)])
def test_removed_events_are_gone_from_all_parts(
    acme: TenantRef, globex: TenantRef, monkeypatch: pytest.MonkeyPatch, gone: range
) -> None:
    batches = [[number] for number in range(30)]
    play(acme, batches, monkeypatch, full=4)
    play(globex, [[number] for number in range(30) if number not in gone], monkeypatch, full=WHOLE)
    with tenant_scope(acme):
        remove_events([f"m{number}" for number in gone])
        ensure_current()
    require_alike(acme, globex)


def test_the_migration_joins_the_parts_and_keeps_what_they_say(
    acme: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = import_module("engage_server.activity.migrations.0011_parts_of_days")
    play(acme, [[number] for number in range(30)], monkeypatch, full=4)
    with tenant_scope(acme):
        before = rollup_snapshot()
    assert len(sizes(acme)) > 1
    with tenant_scope(acme, role="none"), connection.cursor() as cursor:
        cursor.execute(migration.BACKWARD)
        cursor.execute(migration.FORWARD)
    assert sizes(acme) == [30]
    with tenant_scope(acme):
        assert rollup_snapshot() == before
