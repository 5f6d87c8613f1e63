"""Several requests at once, with names, accounts and message ids in common."""

import random
import threading
from datetime import UTC, datetime

from django.db import connections

from engage_server.activity.models import Event, EventName
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.items import (
    AccountItem,
    AliasItem,
    EventItem,
    MembershipItem,
    PersonItem,
    PersonKey,
)
from engage_server.ingest.outcomes import CONFLICT, DUPLICATE
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREADS, BATCHES, POOL = 4, 8, 25


def items_of(number: int) -> list:
    key = PersonKey(f"u{number}", f"d{number}")
    return [
        EventItem(f"m{number}", f"E{number % 5}", key, NOON, NOON, account=f"a{number % 3}"),
        AccountItem(f"a{number % 3}", name="same", parent="top"),
        PersonItem(key, {"n": number}, occurred_at=NOON),
        MembershipItem(key, f"a{number % 3}", NOON),
        AliasItem(f"old{number}", f"u{number}"),
    ]


def test_batches_in_any_order_at_once_all_succeed_and_store_each_thing_once(
    committed_tenants: tuple[TenantRef, TenantRef],
) -> None:
    tenant, other = committed_tenants
    barrier, results, errors = threading.Barrier(THREADS), [], []

    def send(seed: int) -> None:
        shuffled = random.Random(seed)
        barrier.wait()
        try:
            with tenant_scope(tenant):
                for _ in range(BATCHES):
                    numbers = shuffled.sample(range(POOL), 15)
                    batch = [item for number in numbers for item in items_of(number)]
                    results.append(store_items(batch, source="web"))
        except Exception as error:  # noqa: BLE001  # reported by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert not any(CONFLICT in result for result in results)
    with tenant_scope(tenant):
        assert Event.objects.count() == sum(15 - result.count(DUPLICATE) for result in results) == POOL
        assert EventName.objects.count() == 5
        assert Account.objects.filter(parent__external_id="top").count() == 3
        assert Membership.objects.count() == POOL
        assert Person.objects.filter(external_id__isnull=False, merged_into=None).count() == POOL
        assert Person.objects.filter(merged_into__isnull=False).count() == 2 * POOL
    with tenant_scope(other):
        assert not Event.objects.exists()
        assert not Person.objects.exists()
