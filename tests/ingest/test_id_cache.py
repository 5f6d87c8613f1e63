"""What ingest remembers of names is what is stored: per tenant, after the commit only, never past a removal."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from engage_server.activity.models import Event, EventName
from engage_server.customers.cache_epoch import bump_epoch
from engage_server.customers.models import Account, Person, PersonAlias
from engage_server.ingest.items import AliasItem, EventItem, Item, PersonKey
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, tenant_scope
from engage_server.tenancy.tenant_cache import CacheEpoch, TenantCache, invalidate_tenant

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Tenants = tuple[TenantRef, TenantRef]


def event(
    message_id: str, *, user: str | None = "ada", device: str | None = None, hour: int = 12
) -> EventItem:
    return EventItem(
        message_id, "Exported", PersonKey(user, device), NOON.replace(hour=hour), NOON, account="acct"
    )


def store(tenant: TenantRef, *items: Item) -> int:
    """Store the items; the number of statements that it took."""
    with tenant_scope(tenant), CaptureQueriesContext(connection) as queries:
        store_items(items, source="web")
    return len(queries)


def test_a_batch_of_known_names_asks_for_none_of_them(committed_tenants: Tenants) -> None:
    tenant, _ = committed_tenants
    first, second = store(tenant, event("1")), store(tenant, event("2"))
    with tenant_scope(tenant), CaptureQueriesContext(connection) as queries:
        store_items([event("3")], source="web")
    assert second < first
    assert not [query for query in queries if "customers_personalias" in query["sql"]]
    with tenant_scope(tenant):
        assert Event.objects.values("person", "account", "name", "source").distinct().count() == 1


def test_of_a_batch_only_the_names_that_are_not_remembered_are_asked_for(committed_tenants: Tenants) -> None:
    tenant, _ = committed_tenants
    store(tenant, event("1", user="ada", device="phone"), event("2", user="bob"))
    with tenant_scope(tenant), CaptureQueriesContext(connection) as queries:
        items = [event("3", user="ada", device="phone"), event("4", user="eve", device="phone", hour=13)]
        store_items([*items, event("5", user=None, device="tablet")], source="web")
    asked = [query["sql"] for query in queries if "FROM customers_personalias" in query["sql"]]
    assert asked
    for sql in asked:
        assert "eve" in sql
        assert "tablet" in sql
        assert "ada" not in sql
    with tenant_scope(tenant):
        persons = Event.objects.order_by("message_id").values_list("person__external_id", flat=True)
        assert list(persons) == ["ada", "bob", "ada", "eve", None]
        phone = PersonAlias.objects.select_related("person__merged_into").get(alias="phone")
        assert phone.person.merged_into == Person.objects.get(external_id="ada")


def test_what_is_rolled_back_is_not_remembered(committed_tenants: Tenants) -> None:
    tenant, _ = committed_tenants
    with tenant_scope(tenant), transaction.atomic():
        store_items([event("1")], source="web")
        transaction.set_rollback(True)
    store(tenant, event("2"))
    with tenant_scope(tenant):
        stored = Event.objects.get()
        assert stored.person == Person.objects.get()
        assert stored.account == Account.objects.get()
        assert stored.name == EventName.objects.get()


def test_the_same_names_of_two_tenants_are_remembered_apart(committed_tenants: Tenants) -> None:
    for tenant in committed_tenants:
        with tenant_scope(tenant):
            # Numbers that differ between the tenants for the same names.
            Person.objects.bulk_create(Person() for _ in range(tenant.id % 7 + 1))
        store(tenant, event("1"))
        store(tenant, event("2"))
    for tenant in committed_tenants:
        with tenant_scope(tenant):
            ada = Person.objects.get(external_id="ada")
            assert set(Event.objects.values_list("person", flat=True)) == {ada.pk}


def test_a_removed_person_is_made_anew_and_no_event_refers_to_the_gone_one(
    committed_tenants: Tenants,
) -> None:
    tenant, other = committed_tenants
    for one in committed_tenants:
        store(one, event("1"))
        store(one, event("2"))
    with tenant_scope(other):
        kept = Person.objects.get().pk
    with tenant_scope(tenant), transaction.atomic():
        bump_epoch()
        gone = Person.objects.get(external_id="ada")
        Event.objects.filter(person=gone).delete()
        gone.delete()
    store(tenant, event("3"))
    store(other, event("3"))
    with tenant_scope(tenant):
        assert Event.objects.get().person_id == Person.objects.get().pk != gone.pk
    with tenant_scope(other):
        assert set(Event.objects.values_list("person", flat=True)) == {kept}


def test_a_remembered_device_is_still_joined_by_an_earlier_tie(committed_tenants: Tenants) -> None:
    tenant, _ = committed_tenants
    store(tenant, event("1", user=None, device="phone"))
    store(tenant, event("2", user="ada", device="phone", hour=12))
    store(tenant, event("3", user="bob", device="phone", hour=14))
    store(tenant, event("4", user="bob", device="phone", hour=10))
    with tenant_scope(tenant):
        phone = PersonAlias.objects.select_related("person__merged_into").get(alias="phone")
        assert phone.person.merged_into == Person.objects.get(external_id="bob")


def test_a_remembered_device_that_turns_out_to_be_a_user_becomes_one(committed_tenants: Tenants) -> None:
    tenant, _ = committed_tenants
    store(tenant, event("1", user=None, device="x"))
    store(tenant, event("2", user=None, device="x"))
    store(tenant, event("3", user="x"))
    store(tenant, AliasItem("old", "x"))
    with tenant_scope(tenant):
        assert Person.objects.get(external_id="x").aliases.get().is_firm
        assert set(Event.objects.values_list("person__external_id", flat=True)) == {"x"}


@pytest.fixture
def memory() -> TenantCache[int]:
    return TenantCache(capacity=8)


def test_a_memory_stays_within_its_capacity_and_keeps_what_is_used(memory: TenantCache[int]) -> None:
    place = CacheEpoch(1, 0)
    memory.put_many(place, {"used": 0})
    for number in range(1, 100):
        memory.put_many(place, {f"n{number}": number})
        assert memory.get_many(place, ["used"]) == {"used": 0}
    known = memory.get_many(place, [f"n{number}" for number in range(100)])
    assert 0 < len(known) < 8
    assert all(name == f"n{number}" for name, number in known.items())


def test_a_memory_knows_nothing_of_another_epoch_or_tenant(memory: TenantCache[int]) -> None:
    memory.put_many(CacheEpoch(1, 0), {"a": 1})
    assert memory.get_many(CacheEpoch(1, 1), ["a"]) == memory.get_many(CacheEpoch(2, 0), ["a"]) == {}


def test_a_forgotten_tenant_is_forgotten_and_no_other(memory: TenantCache[int]) -> None:
    for tenant_id in (1, 2):
        memory.put_many(CacheEpoch(tenant_id, 0), {"a": tenant_id})
    invalidate_tenant(1)
    assert memory.get_many(CacheEpoch(1, 0), ["a"]) == {}
    assert memory.get_many(CacheEpoch(2, 0), ["a"]) == {"a": 2}
