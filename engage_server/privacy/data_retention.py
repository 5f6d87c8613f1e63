"""Deletes raw events that are older than their tenant keeps them, and the roll-ups of those days. Values stay."""

import logging
import threading
from datetime import date, datetime
from typing import Final

from django.db import transaction

from engage_server.activity.data_retention import remove_events_before, remove_roll_ups_before
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.ingest.data_retention import remove_quarantined_before
from engage_server.tenancy.data_retention import kept_from
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

ROWS_AT_ONCE: Final = 20_000
CHORE_EVERY_S: Final = 600.0
log = logging.getLogger("engage.privacy")


def enforce(
    tenant: TenantRef, *, rows_at_once: int = ROWS_AT_ONCE, stop: threading.Event | None = None
) -> int:
    """Delete what the tenant no longer keeps, a bounded transaction at a time; return how many rows.

    Safe to repeat, to interrupt and to run twice at once.
    """
    first = kept_from(tenant)
    if first is None:
        return 0
    removed = 0
    with tenant_scope(tenant, timeout_ms=0):
        while not (stop is not None and stop.is_set()):
            with transaction.atomic():
                batch = _remove(first, tenant, rows_at_once)
            removed += batch
            if not batch:
                break
    if removed:
        log.info(
            "Deleted %s rows of %s from before %s.", removed, tenant.slug, first,
            extra={"action": "retention_enforced", "tenant": tenant.slug, "rows": removed},
        )  # fmt: skip
    return removed


def _remove(first: date, tenant: TenantRef, limit: int) -> int:
    moment = datetime(first.year, first.month, first.day, tzinfo=tenant.zone)
    # Events first: roll-ups that were built of them meanwhile go in the next round.
    return (
        remove_events_before(moment, limit=limit)
        or remove_roll_ups_before(first, limit=limit)
        or remove_quarantined_before(moment, limit=limit)
    )


def _tenants() -> list[TenantRef]:
    """Suspended ones too: a promise to keep no longer does not wait."""
    with shared_scope():
        tenants = Tenant.objects.filter(events_keep_days__isnull=False).exclude(
            status__in=[Tenant.Status.DELETING, Tenant.Status.MOVING]
        )
        return [tenant.ref for tenant in tenants]


def _work(tenant: TenantRef, stop: threading.Event) -> None:
    enforce(tenant, stop=stop)


CHORE: Final = BackgroundTask("retention of events", every_s=CHORE_EVERY_S, tenants=_tenants, work=_work)
