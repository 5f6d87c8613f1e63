"""Opens the runs that schedules owe. Several processes may do so at once: schedules are claimed with SKIP LOCKED."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from psycopg.types.datetime import TimestamptzLoader

from engage_server.engine.cron import next_fire
from engage_server.engine.exceptions import InvalidCronError
from engage_server.engine.models import Run, Schedule
from engage_server.engine.planning import Plan, jitter, plan
from engage_server.tenancy.scope import shared_scope

BATCH: Final = 500
log = logging.getLogger("engage.engine")


class Due(NamedTuple):
    """A schedule that is due. ``planned_for`` is the zone it was planned in, ``timezone`` the tenant's now.

    A plain tuple, since hundreds are read at once. ``planned_after`` is read only where the two differ and the
    schedule is planned again from there.
    """

    id: int
    tenant_id: int
    plugin: str
    cron: str
    misfire: str
    planned_after: datetime | None
    next_run_at: datetime
    planned_for: str
    timezone: str


def open_due_runs(now: datetime) -> int:
    """Claim up to a batch of schedules that are due, open their runs, move them on; return how many there were."""
    with shared_scope(), transaction.atomic():
        due = due_schedules(now)
        plans = [(schedule, found) for schedule in due if (found := _plan(schedule, now)) is not None]
        _open(plans)
        _move_on(plans)
        broken = {schedule.id for schedule in due} - {schedule.id for schedule, _ in plans}
        Schedule.objects.filter(pk__in=broken).update(enabled=False)
    return len(due)


def due_schedules(now: datetime) -> Sequence[Due]:
    """Schedules of served tenants that are due and that nobody else works on, locked; needs a transaction."""
    # OFFSET 0: the tenants of the batch are looked up one by one, where a join would read all tenants there are.
    with connection.cursor() as cursor:
        # Django's loader, written in Python, takes as long for the times as PostgreSQL takes to find the schedules.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(
            """
            SELECT schedule.id, schedule.tenant_id, schedule.plugin, schedule.cron, schedule.misfire,
                CASE WHEN schedule.timezone <> tenant.timezone THEN schedule.planned_after END,
                schedule.next_run_at, schedule.timezone, tenant.timezone
            FROM engine_schedule schedule CROSS JOIN LATERAL (
                SELECT timezone FROM tenancy_tenant WHERE id = schedule.tenant_id AND status = 'ACTIVE' OFFSET 0) tenant
            WHERE schedule.enabled AND NOT schedule.is_paused AND schedule.next_run_at <= %s
            ORDER BY schedule.next_run_at LIMIT %s FOR UPDATE OF schedule SKIP LOCKED
            """,
            [now, BATCH],
        )
        return [Due._make(row) for row in cursor.fetchall()]


def replan_moved_tenants() -> int:
    """Make the schedules of tenants due whose time zone has changed: the next round plans them again; return how many."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_schedule schedule SET next_run_at = schedule.planned_after FROM tenancy_tenant tenant
            WHERE tenant.id = schedule.tenant_id AND schedule.enabled AND schedule.timezone <> tenant.timezone
            """
        )
        return int(cursor.rowcount)


def _plan(schedule: Due, now: datetime) -> Plan | None:
    since = schedule.next_run_at
    try:
        if schedule.planned_after is not None:
            since = next_fire(schedule.cron, schedule.planned_after, schedule.timezone)
            if since > now:
                return Plan(owed=(), dropped=0, planned_after=schedule.planned_after, next_run_at=since)
        found = plan(
            cron=schedule.cron,
            timezone=schedule.timezone,
            misfire=schedule.misfire,
            since=since,
            now=now,
            grace_s=settings.ENGAGE_MISFIRE_GRACE_S,
        )
    except InvalidCronError as error:
        log.error(
            "The schedule of %s for tenant %s is switched off. %s", schedule.plugin, schedule.tenant_id, error,
            extra={"action": "schedule_broken", "plugin": schedule.plugin, "tenant": schedule.tenant_id},
        )  # fmt: skip
        return None
    if found.dropped:
        log.warning(
            "%s of tenant %s missed too many times: the oldest %s are not run.",
            schedule.plugin, schedule.tenant_id, found.dropped,
            extra={"action": "runs_dropped", "plugin": schedule.plugin, "tenant": schedule.tenant_id},
        )  # fmt: skip
    return found


def _open(plans: Sequence[tuple[Due, Plan]]) -> None:
    spread_s = settings.ENGAGE_SCHEDULE_JITTER_S
    Run.objects.bulk_create(
        (
            Run(
                tenant_id=schedule.tenant_id,
                plugin=schedule.plugin,
                scheduled_for=moment,
                day=day,
                not_before=moment + jitter(schedule.tenant_id, spread_s=spread_s),
            )
            for schedule, found in plans
            for moment, day in found.owed
        ),
        batch_size=5_000,
        ignore_conflicts=True,
    )


def _move_on(plans: Sequence[tuple[Due, Plan]]) -> None:
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
                [schedule.id for schedule, _ in plans],
                [found.next_run_at for _, found in plans],
                [found.planned_after for _, found in plans],
                [schedule.timezone for schedule, _ in plans],
            ],
        )
