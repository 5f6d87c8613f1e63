"""Users of whom the process has not heard are made, or found, in the message that stores their events."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django.db import IntegrityError

from engage_server.activity.models import Event
from engage_server.customers.models import Person, PersonAlias
from engage_server.ingest import id_cache, known_batch
from engage_server.ingest.event_batch import from_items
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOW = datetime.now(UTC)


@pytest.fixture
def tenant(
    committed_tenants: tuple[TenantRef, TenantRef], monkeypatch: pytest.MonkeyPatch
) -> Iterator[TenantRef]:
    """A tenant of whom this process knows the source and the name Opened, and where no way takes further statements."""
    with tenant_scope(committed_tenants[0]) as tenant:
        store_items([event("first", user="ann", device="d1")], source="web")
        monkeypatch.setattr(known_batch, "_store_with_new_names", lambda *args, **kwargs: False)
        yield tenant


def event(message_id: str, *, user: str | None = None, device: str | None = None) -> EventItem:
    return EventItem(message_id, "Opened", PersonKey(user, device), NOW, NOW)


def store(*events: EventItem) -> bool:
    return known_batch.store_known_events(from_items(events), source="web")


def forget_persons(tenant: TenantRef) -> None:
    """As in a process that has just started, or another one."""
    id_cache._persons.forget(tenant.id)


def person_of(message_id: str) -> int | None:
    return Event.objects.values_list("person", flat=True).get(message_id=message_id)


@pytest.mark.parametrize("name", ["o'neil", '"quoted"', "back\\slash", "{a,b}", "NULL", "日本", " "])
def test_a_new_user_is_made_whatever_its_name(tenant: TenantRef, name: str):
    assert store(event("1", user=name), event("2", user="plain"))
    assert Person.objects.get(external_id=name).pk == person_of("1")


def test_a_new_user_is_known_to_the_next_batch(tenant: TenantRef):
    assert store(event("1", user="stranger"))
    assert store(event("2", user="stranger"))
    assert person_of("1") == person_of("2")


def test_a_user_that_is_stored_already_is_found(tenant: TenantRef):
    forget_persons(tenant)
    assert store(event("1", user="stranger"), event("2", user="ann"))
    assert person_of("2") == person_of("first")


def test_what_was_found_is_remembered_as_it_is_stored(tenant: TenantRef):
    place = known_batch.last_epoch(tenant.id).place
    names = ("ann", "d1")
    known = id_cache._persons.get_many(place, names)
    forget_persons(tenant)
    assert store(event("1", device="d1"), event("2", user="ann"), event("3", user="stranger"))
    assert id_cache._persons.get_many(place, names) == known


def test_a_new_device_is_nobodys_user(tenant: TenantRef):
    assert store(event("1", device="d9"), event("2", user="stranger"))
    assert Person.objects.get(pk=person_of("1")).external_id is None
    assert not PersonAlias.objects.get(alias="d9").is_firm


def test_a_known_device_beside_a_new_user_changes_nothing(tenant: TenantRef):
    assert store(event("1", user="ann", device="d1"), event("2", user="stranger"))
    assert person_of("1") == person_of("first")


def test_a_device_that_is_used_as_a_user_id_takes_further_statements(tenant: TenantRef):
    assert store(event("1", device="d9"))
    forget_persons(tenant)
    assert not store(event("2", user="d9"))
    assert not Event.objects.filter(message_id="2").exists()


def test_a_person_without_an_alias_takes_the_ordinary_way(tenant: TenantRef):
    old = Person.objects.create(external_id="imported")
    with pytest.raises(IntegrityError):
        store(event("1", user="imported"))
    store_items([event("1", user="imported")], source="web")
    assert person_of("1") == old.pk


def test_times_are_stored_to_the_microsecond(tenant: TenantRef):
    early = datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    late = NOW - timedelta(microseconds=1)
    assert store(
        msgspec.structs.replace(event("1", user="ann"), occurred_at=early),
        msgspec.structs.replace(event("2", user="ann"), occurred_at=late),
    )
    assert list(
        Event.objects.filter(message_id__in="12").order_by("message_id").values_list("occurred_at")
    ) == [
        (early,),
        (late,),
    ]
