"""What subscriptions are told of, made in the test database: runs that end, events that come in."""

import json
from datetime import UTC, date, datetime
from uuid import uuid4

from django.utils import timezone

from engage_server.api.ids import global_id
from engage_server.automation.models import Signal
from engage_server.engine import ledger
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, tenant_scope


def end_run(tenant: TenantRef, *, plugin: str = "nps", day: date = date(2026, 3, 1)) -> int:
    """A run of the ledger, opened, claimed and ended; its id."""
    run = ledger.open_run(tenant_id=tenant.id, plugin=plugin, scheduled_for=datetime.now(UTC), day=day)
    claimed = ledger.claim(run)
    assert claimed is not None
    ledger.finish(claimed, values_written=3)
    return run


def run_id(tenant: TenantRef, pk: int) -> str:
    """The global id by which a run is told of, and found again as a node."""
    return global_id("Run", tenant_id=tenant.id, pk=pk)


def receive_event(tenant: TenantRef, name: str = "Opened", **properties: str) -> None:
    """An event of Ada at the account ``north``, which happens now."""
    now = timezone.now()
    text = json.dumps(properties)
    item = EventItem(uuid4().hex, name, PersonKey("ada"), now, now, account="north", properties=text)
    with tenant_scope(tenant):
        store_items([item], source="default")


def raise_signal(tenant: TenantRef) -> str:
    """A risk that no rule of today raised, about the tenant; its global id."""
    day = date(2026, 3, 1)
    with tenant_scope(tenant):
        number = Signal.objects.count() + 1
        made = Signal.objects.create(
            rule=number, rule_version=1, is_risk=True, subject_kind="tenant", subject=0, raised_on=day
        )
    return global_id("Signal", tenant_id=tenant.id, pk=made.pk)
