"""Batches of known events take one message; whatever is otherwise goes the ordinary way, with the same outcome."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from engage_server.activity.models import Event, EventDelta
from engage_server.customers.cache_epoch import bump_epoch
from engage_server.customers.models import Person
from engage_server.engine.models import AffectedDay
from engage_server.ingest.event_batch import from_items
from engage_server.ingest.id_cache import last_epoch
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.known_batch import store_known_events
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

NOW = datetime.now(UTC)


@pytest.fixture
def tenant(committed_tenants: tuple[TenantRef, TenantRef]) -> Iterator[TenantRef]:
    """A tenant whose persons ann (on the device d1) and bob, account north and event Opened this process has met."""
    with tenant_scope(committed_tenants[0]) as tenant:
        store_items([event("first", user="ann", device="d1"), event("second", user="bob")], source="web")
        yield tenant


def event(
    message_id: str, *, user: str | None = "ann", device: str | None = None, **changes: Any
) -> EventItem:
    plain = EventItem(message_id, "Opened", PersonKey(user, device), NOW, NOW, account="north")
    return msgspec.structs.replace(plain, **changes)


def stored_known(batch: list[EventItem], *, source: str) -> bool:
    return store_known_events(from_items(batch), source=source)


def stored() -> dict[str, tuple[Any, ...]]:
    columns = ("digest", "name", "person", "account", "occurred_at", "received_at", "properties")
    return {row[0]: row[1:] for row in Event.objects.values_list("message_id", *columns)}


def newest_log() -> list[tuple[Any, ...]]:
    """The events in the last row of the roll-ups' log, in whatever order."""
    log = EventDelta.objects.order_by("-id")[0]
    events = zip(log.persons, log.accounts, log.names, log.times, strict=True)
    return sorted(events, key=repr)


def test_what_is_stored_in_one_message_is_what_the_ordinary_way_stores(tenant: TenantRef):
    hard = '{"a\\\\b": "line\\nbreak \\\\N \\u00e9 \t"}'.replace("\t", "\\t") + "\n"
    batch = [
        event("1"),
        event("tab\tback\\slash", properties=hard),
        event("3", user="bob", account=None),
        event("4", user="ann", device="d1", occurred_at=NOW + timedelta(seconds=1)),
        event("5", user=None, device="d1"),
        event("6", user=None, account=None),
    ]
    assert stored_known(batch, source="web")
    express = stored()
    log = newest_log()
    Event.objects.exclude(message_id__in=("first", "second")).delete()
    store_items(batch, source="web")
    assert stored() == express
    assert newest_log() == log
    assert len(log) == 5


def test_late_events_mark_their_days_and_leave_the_scope_as_it_was(tenant: TenantRef):
    late = NOW - timedelta(days=40)
    assert stored_known([event("late", occurred_at=late)], source="web")
    with shared_scope():
        (day,) = AffectedDay.objects.filter(cause=AffectedDay.Cause.EVENTS).values_list("day", flat=True)
    assert day == late.astimezone(tenant.zone).date()
    assert Event.objects.filter(message_id="late").exists()


@pytest.mark.parametrize(
    "batch",
    [
        [],
        [event("new", user="stranger")],
        [event("new", device="d2")],
        [event("new", device="d1", occurred_at=NOW - timedelta(days=1))],
        [event("new", account="south")],
        [event("new", name="Closed")],
        [event("twice"), event("twice")],
    ],
    ids=["nothing", "person", "device", "tie", "account", "name", "repeat"],
)
def test_what_is_not_known_is_left_to_the_ordinary_way(tenant: TenantRef, batch: list[Any]):
    before = stored()
    assert not stored_known(batch, source="web")
    assert stored() == before


def test_another_source_is_another_matter(tenant: TenantRef):
    assert not stored_known([event("1")], source="app")


def withdraw() -> None:
    Person.objects.filter(external_id="bob").update(consents=False)


def remove() -> None:
    with transaction.atomic():
        bump_epoch()


@pytest.mark.parametrize("change", [withdraw, remove])
def test_a_change_that_the_process_has_not_seen_undoes_the_message(
    tenant: TenantRef, change: Callable[[], None]
):
    change()
    assert not stored_known([event("1")], source="web")
    assert "1" not in stored()
    store_items([event("1")], source="web")
    assert "1" in stored()


def test_after_a_withdrawal_every_batch_is_looked_through(tenant: TenantRef):
    withdraw()
    result = store_items([event("1"), event("2", user="bob")], source="web")
    hold = last_epoch(tenant.id)
    assert [outcome.code for outcome in result] == ["", "consent_withdrawn"]
    assert hold is not None
    assert hold.withheld
    assert not stored_known([event("3")], source="web")


def test_a_repeated_id_undoes_the_whole_message_and_the_connection_goes_on(tenant: TenantRef):
    log = EventDelta.objects.count()
    with pytest.raises(IntegrityError):
        stored_known([event("new"), event("first")], source="web")
    assert set(stored()) == {"first", "second"}
    assert EventDelta.objects.count() == log
    assert stored_known([event("new")], source="web")


def test_a_statement_that_fails_behind_the_rows_undoes_them(tenant: TenantRef):
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_eventdelta ADD CONSTRAINT none CHECK (size < 0) NOT VALID")
    with pytest.raises(IntegrityError):
        stored_known([event("new")], source="web")
    assert set(stored()) == {"first", "second"}


def test_a_lost_connection_is_told_and_replaced(tenant: TenantRef):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    other = connection.copy()
    with shared_scope(), other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    other.close()
    with pytest.raises(OperationalError):
        stored_known([event("1")], source="web")
    assert stored_known([event("1")], source="web")


def test_inside_a_callers_transaction_nothing_is_sent_apart_from_it(tenant: TenantRef):
    with transaction.atomic():
        assert not stored_known([event("1")], source="web")


def test_what_is_known_of_one_tenant_is_not_known_of_another(committed_tenants: tuple[TenantRef, TenantRef]):
    one, other = committed_tenants
    with tenant_scope(one):
        store_items([event("first")], source="web")
        assert stored_known([event("1")], source="web")
    with tenant_scope(other):
        assert not stored_known([event("1")], source="web")
