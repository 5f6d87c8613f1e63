"""Compaction: what it costs, what it waits for, and whose data it touches."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from engage_server.activity.models import DayBitmap, EventDelta, PersonDay, PersonState
from engage_server.activity.rollups.compaction import compact, ensure_current, has_work
from engage_server.activity.rollups.compactor import compacting
from engage_server.activity.rollups.deltas import backlog, log_persons
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.activity.rollups.tenant_scan import TenantScan
from engage_server.activity.watermark import watermark
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Person
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, MembershipItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import ActiveMinutes, ActivePersons, ActiveSeries, PersonDays, Sessions
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.removal import remove_events

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA = PersonKey(user_id="ada")


def event(number: int, at: datetime = NOON, person: PersonKey = ADA) -> EventItem:
    return EventItem(f"m{number}", "saved", person, at, at)


def rows(tenant: TenantRef, spec: object) -> list[tuple]:
    with tenant_scope(tenant), current_rollups():
        return sorted(RESOLVERS[type(spec)](spec, day_window(DAY, tenant.timezone)).rows())


def test_distinct_minutes_over_devices_are_counted_once(acme: TenantRef) -> None:
    phone = PersonKey(user_id="ada", anonymous_id="phone")
    seconds = (50, 90, 121)
    with tenant_scope(acme):
        store_items([event(n, NOON + timedelta(seconds=s)) for n, s in enumerate(seconds)], source="web")
        store_items([event(9, NOON + timedelta(seconds=55), PersonKey(anonymous_id="phone"))], source="web")
        ensure_current()
        store_items([event(10, NOON + timedelta(seconds=58), phone)], source="web")
    ((_, _, minutes, days),) = rows(acme, ActiveMinutes(days=1))
    assert (minutes, days) == (3, 1)


def test_a_late_event_joins_two_sessions(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(0), event(1, NOON + timedelta(minutes=50))], source="web")
    assert [row[4] for row in rows(acme, Sessions(days=1))] == [1, 1]
    with tenant_scope(acme):
        store_items([event(2, NOON + timedelta(minutes=25))], source="web")
    assert [row[3:] for row in rows(acme, Sessions(days=1))] == [(3000.0, 3)]


def test_a_session_lasts_at_most_24_hours_and_belongs_to_the_day_it_began_on(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(n, NOON + timedelta(minutes=20 * (n - 144))) for n in range(150)], source="web")
    # Two days without a pause, from noon two days before: the third session begins after the second 24 hours.
    assert rows(acme, Sessions(days=3))[-1][2:] == (NOON + timedelta(minutes=40), 3600.0, 4)
    assert [row[4] for row in rows(acme, Sessions(days=3))] == [73, 73, 4]
    assert [row[4] for row in rows(acme, Sessions(days=1))] == [4]


def test_stays_that_become_known_later_decide_again(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(0)], source="web")
    ((_, account),) = rows(acme, ActivePersons(days=1))
    assert account is None
    with tenant_scope(acme):
        store_items([MembershipItem(ADA, "acct", NOON - timedelta(days=400))], source="web")
    ((_, account),) = rows(acme, ActivePersons(days=1))
    assert account is not None
    assert rows(acme, ActiveSeries(days=1)) == [(DAY, 1, 1)]


def test_a_person_excluded_by_hand_and_logged_counts_no_more(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(0)], source="web")
        ensure_current()
        Person.objects.update(is_excluded=True)
        log_persons(list(Person.objects.values_list("id", flat=True)))
    assert rows(acme, ActiveSeries(days=1)) == [(DAY, 0, 0)]
    assert rows(acme, PersonDays(days=1)) == []


def test_a_removed_event_can_be_stored_again(acme: TenantRef) -> None:
    with tenant_scope(acme):
        for _ in range(2):
            store_items([event(0)], source="web")
            assert rows(acme, ActiveSeries(days=1)) == [(DAY, 1, 0)]
            remove_events(["m0", "unknown"])
            assert rows(acme, ActiveSeries(days=1)) == [(DAY, 0, 0)]
            assert not PersonDay.objects.exists()


def test_somebody_whose_oldest_days_are_no_longer_kept_stays_known_since_then(acme: TenantRef) -> None:
    bob = PersonKey(user_id="bob")
    with tenant_scope(acme):
        store_items([event(0, NOON - timedelta(days=30)), event(1), event(2, NOON, bob)], source="web")
        ensure_current()
        first = PersonState.objects.get(person=Person.objects.get(external_id="ada").pk).first_at
        PersonDay.objects.filter(day__lt=DAY).delete()  # as retention does
        remove_events(["m2"])
        store_items([event(3, NOON + timedelta(hours=1))], source="web")
        ensure_current()
        ada = PersonState.objects.get(person=Person.objects.get(external_id="ada").pk)
        assert ada.first_at == first == NOON - timedelta(days=30)
        assert PersonState.objects.get(person=Person.objects.get(external_id="bob").pk).first_at is None


def test_the_number_of_statements_does_not_grow_with_the_batch(acme: TenantRef) -> None:
    counts = []
    with tenant_scope(acme):
        ensure_current()
        for size in (1, 200):
            items = [
                event(1000 * size + n, NOON + timedelta(minutes=n), PersonKey(user_id=f"{size} {n}"))
                for n in range(size)
            ]
            store_items(items, source="web")
            with CaptureQueriesContext(connection) as captured:
                ensure_current()
            counts.append(len(captured))
    assert counts[0] == counts[1]


def test_nothing_pending_costs_one_statement(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(0)], source="web")
        ensure_current()
        with CaptureQueriesContext(connection) as captured:
            ensure_current()
    assert len(captured) == 1


def test_a_compaction_leaves_the_settings_of_the_callers_transaction_alone(acme: TenantRef) -> None:
    def current() -> tuple[str, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('enable_seqscan'), current_setting('work_mem')")
            return cursor.fetchone()

    with tenant_scope(acme), transaction.atomic():
        before = current()
        store_items([event(0)], source="web")
        ensure_current()
        assert current() == before


def test_events_that_come_in_order_and_out_of_it_end_in_the_same_person_days(
    acme: TenantRef, globex: TenantRef
) -> None:
    moments = [NOON + timedelta(seconds=25 * n) for n in range(9)]
    for tenant, order in ((acme, range(9)), (globex, (4, 3, 8, 0, 1, 7, 2, 6, 5))):
        with tenant_scope(tenant):
            for number in order:
                store_items([event(number, moments[number])], source="web")
                ensure_current()
            (day,) = PersonDay.objects.all()
            assert (day.times, day.active_minutes) == (moments, 4)


def test_the_watermark_is_that_of_the_newest_event(acme: TenantRef) -> None:
    with tenant_scope(acme):
        with current_rollups():
            assert watermark() is None
        store_items([event(0), event(1, NOON - timedelta(days=1))], source="web")
        with current_rollups():
            assert watermark() == NOON


def test_the_log_of_one_tenant_is_not_anothers(acme: TenantRef, globex: TenantRef) -> None:
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items([event(0)], source="web")
    with tenant_scope(acme):
        ensure_current()
        assert backlog().events == 0
    with tenant_scope(globex):
        assert (backlog().batches, backlog().events, PersonDay.objects.count()) == (1, 1, 0)
        assert backlog().lag is not None


def test_the_command_says_how_far_behind_and_catches_up(acme: TenantRef) -> None:
    def said(*options: str) -> str:
        out = StringIO()
        call_command("compact", f"--tenant={acme.slug}", *options, stdout=out)
        return out.getvalue()

    with tenant_scope(acme):
        store_items([event(0)], source="web")
    assert "1 events in 1 batches wait, the oldest for" in said("--status")
    assert "up to date" in said()
    assert "up to date" in said("--rebuild")
    with tenant_scope(acme):
        assert PersonDay.objects.count() == 1
    with pytest.raises(CommandError, match="no tenant"):
        call_command("compact", "--tenant=nobody")


def test_batches_compacted_while_others_arrive_are_taken_in_once(
    committed_tenants: tuple[TenantRef, TenantRef], settings: object
) -> None:
    tenant, other = committed_tenants
    settings.ENGAGE_COMPACT_INTERVAL_S = 0.01
    errors: list[Exception] = []

    def send(sender: int) -> None:
        try:
            with tenant_scope(tenant):
                for batch in range(10):
                    first = 1000 * sender + 20 * batch
                    items = [
                        event(
                            n,
                            NOON + timedelta(minutes=n),
                            PersonKey(user_id=f"u{n % 7}", anonymous_id=f"d{n % 3}"),
                        )
                        for n in range(first, first + 20)
                    ]
                    store_items(items, source="web")
                    compact(wait=batch % 2 == 0)
        except Exception as error:  # noqa: BLE001  # reported by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    with compacting():
        threads = [threading.Thread(target=send, args=(sender,)) for sender in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
    with tenant_scope(tenant):
        ensure_current()
        assert not has_work()
        assert not EventDelta.objects.exists()
        assert sum(len(day.times) for day in PersonDay.objects.all()) == 400
    with tenant_scope(other):
        assert not DayBitmap.objects.exists()


def test_after_the_first_round_the_compactor_visits_only_those_with_something_in_their_log(
    committed_tenants: tuple[TenantRef, TenantRef],
) -> None:
    tenant, other = committed_tenants
    scan, both = TenantScan(), {tenant.slug, other.slug}

    def visited() -> set[str]:
        connection.close()  # a session's counts are told at its end at the latest
        return {one.slug for one in scan.tenants()} & both

    def comes_to(wanted: set[str]) -> bool:
        # Its end comes after the client has closed it, by a moment.
        return any(visited() == wanted or time.sleep(0.05) for _ in range(60))

    assert visited() == both
    assert visited() == set()
    with tenant_scope(tenant):
        store_items([event(0)], source="web")
    assert comes_to({tenant.slug})
    with tenant_scope(tenant):
        ensure_current()
    assert comes_to(set())
