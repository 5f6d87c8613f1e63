"""The quarantine is bounded by number and size, says when it is full, and never drops what lies there."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.audit.log import newest
from engage_server.ingest.delivery import Delivery
from engage_server.ingest.items import Reject
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.quarantine import quota
from engage_server.ingest.quarantine.store import quarantine
from engage_server.telemetry import counters
from engage_server.tenancy import ttl_cache
from engage_server.tenancy.scope import tenant_scope


def send(tenant, *payloads: str, code: str = "invalid_json") -> None:
    rejects = [Reject(n, code, "no", payload) for n, payload in enumerate(payloads)]
    with tenant_scope(tenant):
        quarantine(rejects, delivery=Delivery("segment", "web", datetime.now(UTC)))


def held(tenant) -> list[str]:
    with tenant_scope(tenant):
        return list(QuarantinedItem.objects.order_by("id").values_list("payload", flat=True))


def full(tenant) -> bool:
    with tenant_scope(tenant):
        return quota.is_full()


def not_kept(tenant) -> float:
    return (
        counters.registry().get_sample_value("engage_quarantine_not_kept_total", {"tenant": tenant.slug}) or 0
    )


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("quarantine", *arguments, "--tenant", "acme", stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def by_tenant(settings):
    settings.ENGAGE_METRICS_BY_TENANT = True


def test_beyond_the_number_nothing_is_kept_and_what_lies_there_stays(acme, globex, settings, caplog):
    settings.ENGAGE_QUARANTINE_ITEMS = 3
    before = not_kept(acme)
    send(acme, "a", "b")
    assert not full(acme)
    send(acme, "c", "d", "e")
    send(acme, "f")
    assert held(acme) == ["a", "b", "c"]
    assert full(acme)
    assert not_kept(acme) == before + 3
    told = [line.items for line in caplog.records if getattr(line, "action", "") == "quarantine_full"]
    assert told == [2, 1]
    send(globex, "g")
    assert held(globex) == ["g"]
    assert not full(globex)


def test_beyond_the_size_nothing_is_kept(acme, settings):
    settings.ENGAGE_QUARANTINE_MB = 1
    send(acme, *["x" * 30_000] * 40)
    assert len(held(acme)) == 33
    assert full(acme)


def test_without_limits_all_is_kept(acme, settings):
    settings.ENGAGE_QUARANTINE_ITEMS = settings.ENGAGE_QUARANTINE_MB = 0
    send(acme, *"abc")
    assert held(acme) == ["a", "b", "c"]
    assert not full(acme)


def test_what_other_processes_add_and_take_is_noticed(acme, settings, monkeypatch):
    settings.ENGAGE_QUARANTINE_ITEMS = 2
    send(acme, "a", "b")
    with tenant_scope(acme):
        QuarantinedItem.objects.filter(payload="a").delete()
    send(acme, "too soon")
    now = ttl_cache.time.monotonic()
    monkeypatch.setattr(ttl_cache.time, "monotonic", lambda: now + 5)
    send(acme, "c", "d")
    assert held(acme) == ["b", "c"]


def test_what_is_held_is_not_measured_for_every_request(acme):
    send(acme, "a")
    with CaptureQueriesContext(connection) as captured:
        send(acme, "b")
    assert not [query for query in captured if "octet_length" in query["sql"]]


def test_discarding_makes_room_for_what_is_named_and_stands_in_the_audit_log(acme, settings):
    settings.ENGAGE_QUARANTINE_ITEMS = 2
    send(acme, "a")
    send(acme, "b", code="unknown_group_type")
    assert "2 in quarantine; it is full" in command("list")
    with pytest.raises(CommandError, match="Discard what"):
        command("discard")
    assert command("discard", "--code", "invalid_json") == "discarded 1\n"
    assert held(acme) == ["b"]
    assert "full" not in command("list")
    with tenant_scope(acme):
        (entry,) = newest(1)
    assert (entry.action, entry.details) == (
        "quarantine.discarded",
        {"items": 1, "codes": ["invalid_json"]},
    )
