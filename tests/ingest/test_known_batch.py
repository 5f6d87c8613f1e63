"""Batches of known events take one message; whatever is otherwise goes the ordinary way, with the same outcome."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from engage_server.activity.models import Event, EventDelta, EventName
from engage_server.customers.cache_epoch import bump_epoch
from engage_server.customers.models import Person, PersonAlias
from engage_server.engine.models import AffectedDay
from engage_server.ingest.event_batch import from_items
from engage_server.ingest.id_cache import last_epoch
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.known_batch import store_known_events
from engage_server.ingest.store import store_items
from engage_server.privacy.requests import suppress
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
    [[], [event("twice"), event("twice")]],
    ids=["nothing", "repeat"],
)
def test_what_is_no_batch_of_new_events_is_left_to_the_ordinary_way(tenant: TenantRef, batch: list[Any]):
    before = stored()
    assert not stored_known(batch, source="web")
    assert stored() == before


NEW = {
    "person": [event("1", user="stranger"), event("2", user="stranger"), event("3")],
    "user of a device met alone": [event("1", user=None, device="d9"), event("2", user="d9")],
    "device": [event("1", device="d2"), event("2", user=None, device="d3")],
    "earlier tie": [event("1", user="bob", device="d1", occurred_at=NOW - timedelta(days=1))],
    "later tie": [event("1", user="bob", device="d1", occurred_at=NOW + timedelta(seconds=1))],
    "account": [event("1", account="south"), event("2", account=None)],
    "name": [event("1", name="Closed", passive=True), event("2", name="Closed"), event("3", name="Paid", feature="Pay")],
    "nobody": [event("1", user=None), event("2", user="stranger")],
}  # fmt: skip


@pytest.mark.parametrize("source", ["web", "app"])
@pytest.mark.parametrize("batch", NEW.values(), ids=NEW)
def test_what_a_batch_names_for_the_first_time_becomes_what_the_ordinary_way_makes_of_it(
    committed_tenants: tuple[TenantRef, TenantRef], batch: list[EventItem], source: str
):
    found = []
    for tenant, is_fast in zip(committed_tenants, (True, False), strict=True):
        with tenant_scope(tenant):
            store_items([event("first", user="ann", device="d1"), event("second", user="bob")], source="web")
            before = EventDelta.objects.count()
            if is_fast:
                assert stored_known(batch, source=source)
            else:
                store_items(batch, source=source)
            assert EventDelta.objects.count() > before
            found.append((meanings(), persons(), dictionary(), logged_events()))
        with shared_scope():
            found[-1] += (
                sorted(AffectedDay.objects.filter(tenant_id=tenant.id).values_list("cause", "day")),
            )
    assert found[0] == found[1]


def test_batches_with_the_same_new_persons_make_each_once_side_by_side(tenant: TenantRef):
    strangers = [f"stranger-{number}" for number in range(50)]
    start = threading.Barrier(4)

    def send(part: int) -> bool:
        order = strangers if part % 2 else strangers[::-1]
        start.wait()
        try:
            with tenant_scope(tenant):
                return stored_known([event(f"{part}-{name}", user=name) for name in order], source="web")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(send, range(4)))
    persons_of = Event.objects.filter(message_id__contains="stranger").values_list("person", flat=True)
    assert len(persons_of) == 200
    assert Person.objects.filter(external_id__startswith="stranger").count() == len(set(persons_of)) == 50


def test_who_is_suppressed_is_not_made_along_with_new_persons(tenant: TenantRef):
    suppress("barred")
    batch = [event("1", user="barred"), event("2", user="stranger")]
    store_items([event("3")], source="web")
    assert not stored_known(batch, source="web")
    assert not Person.objects.filter(external_id__in=("barred", "stranger")).exists()
    assert stored_known(batch[1:], source="web")
    assert set(stored()) == {"first", "second", "2", "3"}


def test_new_persons_of_a_batch_that_fails_are_not_made(tenant: TenantRef):
    with pytest.raises(IntegrityError):
        stored_known([event("first"), event("new", user="stranger")], source="web")
    assert not Person.objects.filter(external_id="stranger").exists()
    assert stored_known([event("new", user="stranger")], source="web")
    assert stored_known([event("again", user="stranger")], source="web")


def test_only_a_batch_that_changes_persons_has_the_rollups_look_at_those_they_know(tenant: TenantRef):
    assert stored_known([event("1", user="stranger")], source="web")
    assert EventDelta.objects.order_by("-id")[0].marked is None
    assert stored_known([event("2", user="bob", device="d7")], source="web")
    assert EventDelta.objects.order_by("-id")[0].marked is not None


def meanings() -> list[tuple[Any, ...]]:
    columns = (
        "message_id", "digest", "source__name", "name__name", "person__external_id", "account__external_id",
        "occurred_at", "properties",
    )  # fmt: skip
    return sorted(Event.objects.values_list(*columns), key=repr)


def persons() -> list[tuple[Any, ...]]:
    columns = ("alias", "is_firm", "tied_at", "tied_to__external_id", "person__external_id",
               "person__merged_into__external_id")  # fmt: skip
    return sorted(PersonAlias.objects.values_list(*columns), key=repr)


def dictionary() -> list[tuple[Any, ...]]:
    return sorted(EventName.objects.values_list("name", "feature__name", "event_class"), key=repr)


def logged_events() -> int:
    return sum(EventDelta.objects.values_list("size", flat=True))


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
