"""Opens the runs that schedules owe. Several processes may do so at once: schedules are claimed with SKIP LOCKED."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from engage_server.engine.cron import next_fire
from engage_server.engine.exceptions import InvalidCronError
from engage_server.engine.models import Schedule
from engage_server.engine.planning import Plan, jitter, plan
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope

BATCH: Final = 500
log = logging.getLogger("engage.engine")


def open_due_runs(now: datetime) -> int:
    """Claim up to a batch of schedules that are due, open their runs, move them on; return how many there were."""
    with shared_scope(), transaction.atomic():
        due = due_schedules(now)
        plans = {schedule: found for schedule in due if (found := _plan(schedule, now)) is not None}
        _insert(plans)
        _move_on(plans)
        broken = [schedule.pk for schedule in due if schedule not in plans]
        Schedule.objects.filter(pk__in=broken).update(enabled=False)
    return len(due)


def due_schedules(now: datetime) -> Sequence[Schedule]:
    """Schedules of served tenants that are due and that nobody else works on, locked; needs a transaction."""
    return list(
        Schedule.objects.select_related("tenant")
        .select_for_update(skip_locked=True, of=("self",))
        .filter(enabled=True, next_run_at__lte=now, tenant__status=Tenant.Status.ACTIVE)
        .order_by("next_run_at")[:BATCH]
    )


def replan_moved_tenants() -> int:
    """Plan the schedules of tenants anew whose time zone has changed; return how many schedules."""
    with shared_scope(), transaction.atomic():
        moved = list(
            Schedule.objects.select_related("tenant")
            .select_for_update(skip_locked=True, of=("self",))
            .filter(enabled=True)
            .extra(where=["engine_schedule.timezone <> tenancy_tenant.timezone"])
        )
        for schedule in moved:
            schedule.timezone = schedule.tenant.timezone
            schedule.next_run_at = next_fire(schedule.cron, schedule.planned_after, schedule.timezone)
        Schedule.objects.bulk_update(moved, ["timezone", "next_run_at"], batch_size=BATCH)
    return len(moved)


def _plan(schedule: Schedule, now: datetime) -> Plan | None:
    zone = schedule.tenant.timezone
    since = schedule.next_run_at
    try:
        if schedule.timezone != zone:
            since = next_fire(schedule.cron, schedule.planned_after, zone)
            if since > now:
                return Plan(owed=(), dropped=0, planned_after=schedule.planned_after, next_run_at=since)
        found = plan(
            cron=schedule.cron,
            timezone=zone,
            misfire=schedule.misfire,
            since=since,
            now=now,
            grace_s=settings.ENGAGE_MISFIRE_GRACE_S,
        )
    except InvalidCronError as error:
        log.error("%s is switched off. %s", schedule, error, extra={"action": "schedule_broken"})
        return None
    if found.dropped:
        log.warning(
            "%s: of the missed times the oldest %s are not run.", schedule, found.dropped,
            extra={"action": "runs_dropped", "plugin": schedule.plugin},
        )  # fmt: skip
    return found


def _insert(plans: dict[Schedule, Plan]) -> None:
    rows = [
        (schedule.tenant_id, schedule.plugin, moment, day, moment + delay)
        for schedule, found in plans.items()
        for delay in [jitter(schedule.tenant_id, spread_s=settings.ENGAGE_SCHEDULE_JITTER_S)]
        for moment, day in found.owed
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO engine_run (tenant_id, plugin, scheduled_for, day, not_before, state, attempt, token, error)
            SELECT *, 'PENDING', 0, 0, ''
            FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::date[], %s::timestamptz[])
            ON CONFLICT DO NOTHING
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )


def _move_on(plans: dict[Schedule, Plan]) -> None:
    if not plans:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_schedule SET next_run_at = fresh.next, planned_after = fresh.after, timezone = fresh.zone
            FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[]) AS fresh(id, next, after, zone)
            WHERE engine_schedule.id = fresh.id
            """,
            [
                [schedule.pk for schedule in plans],
                [found.next_run_at for found in plans.values()],
                [found.planned_after for found in plans.values()],
                [schedule.tenant.timezone for schedule in plans],
            ],
        )
