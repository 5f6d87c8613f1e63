"""The compactor's rounds: how much each takes in, and whose."""

import threading
from datetime import UTC, datetime

import pytest

from engage_server.activity.rollups import compaction, compactor
from engage_server.activity.rollups.compaction import Claim, compact, ensure_current
from engage_server.activity.rollups.deltas import backlog
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOST_ROUNDS = 5


def store(number: int) -> None:
    item = EventItem(f"m{number}", "saved", PersonKey(user_id="ada"), NOON, NOON)
    store_items([item], source="web")


@pytest.fixture
def claims_beside_writing(monkeypatch: pytest.MonkeyPatch) -> list[Claim | None]:
    """The claims that the compactor takes, after each of which an event is stored."""
    taken: list[Claim | None] = []

    def compact_and_store(*, wait: bool) -> Claim | None:
        claim = compact(wait=wait)
        taken.append(claim)
        if len(taken) < MOST_ROUNDS:
            store(100 + len(taken))
        return claim

    monkeypatch.setattr(compactor, "compact", compact_and_store)
    return taken


def test_what_comes_during_a_round_waits_for_the_next(
    acme: TenantRef, claims_beside_writing: list[Claim | None]
) -> None:
    with tenant_scope(acme):
        ensure_current()
        store(0)
        store(1)
    compactor.catch_up(acme, threading.Event())
    assert [claim.events for claim in claims_beside_writing if claim] == [2]
    with tenant_scope(acme):
        assert backlog().events == 1
    compactor.catch_up(acme, threading.Event())
    assert [claim.events for claim in claims_beside_writing if claim] == [2, 1]


@pytest.mark.parametrize("limit", ["BATCH_EVENTS", "BATCH_ROWS"])
def test_a_full_claim_is_followed_by_another_in_the_same_round(
    acme: TenantRef, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    with tenant_scope(acme):
        ensure_current()
        for number in range(5):
            store(number)
    monkeypatch.setattr(compaction, limit, 2)
    compactor.catch_up(acme, threading.Event())
    with tenant_scope(acme):
        assert backlog().events == 0


def test_only_the_tenant_visited_is_taken_in(acme: TenantRef, globex: TenantRef) -> None:
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            ensure_current()
            store(0)
    compactor.catch_up(acme, threading.Event())
    with tenant_scope(acme):
        assert backlog().events == 0
    with tenant_scope(globex):
        assert backlog().events == 1
