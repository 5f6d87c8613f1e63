"""Requests at once, some written together: each is told of its own items, and the sums agree with the tables."""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from django.db import connections

from engage_server.activity.models import Event
from engage_server.ingest.delivery import Delivery
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.outcomes import Receipt
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.protocols.segment.translation import translate
from engage_server.tenancy.scope import TenantRef, tenant_scope

THREADS, BATCHES, SIZE, POOL = 6, 6, 12, 150
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DELIVERY = Delivery("segment", "web", NOON)


def raw(number: int) -> bytes:
    """A good call, save every tenth, which has no event."""
    call = {"type": "track", "messageId": f"m{number}", "userId": f"u{number % 7}", "event": f"E{number % 3}"}
    call |= {"timestamp": "2026-03-01T00:00:00Z", "properties": {"rows": number}}
    return json.dumps(call | ({"event": ""} if number % 10 == 0 else {})).encode()


def send(tenant: TenantRef, seed: int, barrier: threading.Barrier) -> list[tuple[list[int], Receipt]]:
    shuffled, told = random.Random(seed), []
    barrier.wait()
    try:
        with tenant_scope(tenant):
            for _ in range(BATCHES):
                numbers = shuffled.sample(range(POOL), SIZE)
                receipt = ingest_items(
                    [raw(number) for number in numbers],
                    translate=partial(translate, delivery=DELIVERY),
                    delivery=DELIVERY,
                )
                told.append((numbers, receipt))
    finally:
        connections.close_all()
    return told


def test_receipts_of_requests_at_once_agree_with_what_is_stored(
    committed_tenants: tuple[TenantRef, TenantRef],
) -> None:
    barrier = threading.Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as executor:
        calls = [
            (tenant, executor.submit(send, tenant, seed, barrier))
            for seed in range(THREADS // 2)
            for tenant in committed_tenants
        ]
        told = {tenant: [] for tenant in committed_tenants}
        for tenant, call in calls:
            told[tenant] += call.result()
    for tenant, receipts in told.items():
        for numbers, receipt in receipts:
            bad = [place for place, number in enumerate(numbers) if number % 10 == 0]
            assert [(one.index, one.code) for one in receipt.rejected] == [
                (place, "missing_event") for place in bad
            ]
            assert receipt.accepted + receipt.duplicates + len(bad) == SIZE
        good = {number for numbers, _ in receipts for number in numbers if number % 10}
        with tenant_scope(tenant):
            stored = dict(Event.objects.values_list("message_id", "properties"))
            assert stored == {f"m{number}": {"rows": number} for number in good}
            assert sum(receipt.accepted for _, receipt in receipts) == len(good)
            assert QuarantinedItem.objects.count() == sum(len(receipt.rejected) for _, receipt in receipts)
