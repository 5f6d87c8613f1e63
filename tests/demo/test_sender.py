"""The demo's client against the real endpoint."""

from datetime import date
from typing import Any

import pytest

from engage_server.activity.models import Event
from engage_server.demo.exceptions import RefusedError
from engage_server.demo.resume import fresh_keys
from engage_server.demo.sender import Sender, batches
from engage_server.demo.simulator.activity import activity, introductions
from engage_server.demo.simulator.companies import ACME
from engage_server.demo.simulator.population import populate
from engage_server.tenancy.scope import TenantRef, tenant_scope

FIRST = date(2026, 5, 1)
LAST = date(2026, 5, 12)


def count_events(tenant: TenantRef) -> int:
    with tenant_scope(tenant):
        return Event.objects.count()


def test_batches_have_a_hundred_messages_and_lose_none():
    messages = [{"messageId": str(number)} for number in range(250)]
    cut = list(batches(messages))
    assert [len(batch) for batch in cut] == [100, 100, 50]
    assert [message for batch in cut for message in batch] == messages


def test_what_is_sent_twice_is_stored_once_and_only_in_its_tenant(
    committed_tenants: tuple[TenantRef, TenantRef], live_server: Any
):
    acme, globex = committed_tenants
    population = populate(ACME, FIRST)
    events = list(activity(population, first=LAST, last=LAST))
    sender = Sender(port=live_server.thread.port, key=fresh_keys(acme).ingest)
    told: list[int] = []
    sender.send(introductions(population, until=LAST), progress=told.append)
    for _ in range(2):
        sender.send(events, progress=told.append)
    assert sum(told) == len(list(introductions(population, until=LAST))) + 2 * len(events)
    assert count_events(acme) == len(events) > 100
    assert count_events(globex) == 0


def test_a_refused_key_ends_the_sending_with_the_servers_words(
    committed_tenants: tuple[TenantRef, TenantRef], live_server: Any
):
    acme, _ = committed_tenants
    sender = Sender(port=live_server.thread.port, key=fresh_keys(acme).query)
    with pytest.raises(RefusedError, match="/v1/batch answered 401"):
        sender.send([{"type": "track", "event": "x", "userId": "u"}], progress=print)


def test_a_refused_item_is_not_passed_over(committed_tenants: tuple[TenantRef, TenantRef], live_server: Any):
    acme, _ = committed_tenants
    sender = Sender(port=live_server.thread.port, key=fresh_keys(acme).ingest)
    with pytest.raises(RefusedError, match="did not take every item"):
        sender.send([{"type": "track", "userId": "u", "messageId": "m"}], progress=print)
