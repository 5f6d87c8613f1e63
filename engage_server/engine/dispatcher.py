"""Turns time into work: opens the runs of schedules that are due and queues one job per tenant that has any.

Several dispatchers may run at once: schedules are claimed with SKIP LOCKED, and the ledger holds each
(tenant, plugin, time, day) once. The queue is only a bell; a lost job is rung again.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from procrastinate.types import JSONValue

from engage_server.engine import ledger, restatement
from engage_server.engine.cron import next_fire
from engage_server.engine.models import Run, Schedule
from engage_server.engine.tasks import compute_tenant
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope

BATCH: Final = 500
MISSED_AT_MOST: Final = 31
log = logging.getLogger("engage.engine")


def tick(now: datetime | None = None) -> int:
    """One round: release dead leases, open due runs, queue a job for each tenant with due runs; return the jobs."""
    if now is None:
        with shared_scope():
            now = database_now()
    ledger.release_expired()
    while _open_due_runs(now) == BATCH:
        pass
    restatement.open_runs()
    return _queue(now)


def _open_due_runs(now: datetime) -> int:
    """Claim schedules that are due, open a run for every missed time (at most the last 31), move them on."""
    with shared_scope(), transaction.atomic():
        due = list(
            Schedule.objects.select_related("tenant")
            .select_for_update(skip_locked=True, of=("self",))
            .filter(enabled=True, next_run_at__lte=now, tenant__status=Tenant.Status.ACTIVE)
            .order_by("next_run_at")[:BATCH]
        )
        runs: list[Run] = []
        for schedule in due:
            zone = schedule.tenant.ref.zone
            times = _times(schedule, now)
            runs += [
                Run(
                    tenant_id=schedule.tenant_id,
                    plugin=schedule.plugin,
                    scheduled_for=moment,
                    not_before=now,
                    # The last full day in the tenant's calendar.
                    day=moment.astimezone(zone).date() - timedelta(days=1),
                )
                for moment in times
            ]
            schedule.next_run_at = next_fire(schedule.cron, now, schedule.tenant.timezone)
        Run.objects.bulk_create(runs, ignore_conflicts=True)
        Schedule.objects.bulk_update(due, ["next_run_at"])
    return len(due)


def _times(schedule: Schedule, now: datetime) -> Iterable[datetime]:
    times = [schedule.next_run_at]
    while (moment := next_fire(schedule.cron, times[-1], schedule.tenant.timezone)) <= now:
        times.append(moment)
    return times[-MISSED_AT_MOST:]


def _queue(now: datetime) -> int:
    # Runs that were queued a lease ago and still wait: their job may be lost.
    stale = now - timedelta(seconds=settings.ENGAGE_RUN_LEASE_S)
    with shared_scope(), transaction.atomic():
        waiting = (
            Run.objects.select_for_update(skip_locked=True)
            .filter(
                Q(enqueued_at=None) | Q(enqueued_at__lt=stale), state=Run.State.PENDING, not_before__lte=now
            )
            .order_by("not_before")[: BATCH * 10]
        )
        by_tenant = {run.pk: run.tenant_id for run in waiting}
        tenants = sorted(set(by_tenant.values()) - _queued_tenants())
        Run.objects.filter(pk__in=by_tenant).update(enqueued_at=now)
        if tenants:
            jobs: list[dict[str, JSONValue]] = [{"tenant_id": tenant_id} for tenant_id in tenants]
            compute_tenant.batch_defer(*jobs)
    return len(tenants)


def _queued_tenants() -> set[int]:
    """Tenants whose job still stands in the queue: a second one would do the same work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (args->>'tenant_id')::int FROM procrastinate_jobs"
            " WHERE status = 'todo' AND queue_name = 'compute'"
        )
        return {tenant_id for (tenant_id,) in cursor.fetchall()}
