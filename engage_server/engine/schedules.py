"""When each tenant's plugins are computed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from engage_server.engine.cron import next_fire
from engage_server.engine.models import Schedule
from engage_server.plugin_host.activation import standing
from engage_server.plugin_host.registry import Plugin
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope


def sync_schedules(tenant: TenantRef, *, now: datetime | None = None) -> None:
    """Give every enabled plugin a schedule (its manifest's, unless the tenant set one) and switch off the rest.

    One that waits (see ``activation.standing``) keeps the schedule it has.
    """
    with tenant_scope(tenant):
        found = standing()
    crons = {plugin: active.plugin.manifest.schedule for plugin, active in found.active.items()}
    with shared_scope(), transaction.atomic():
        now = now or database_now()
        known = {s.plugin: s for s in Schedule.objects.select_for_update().filter(tenant_id=tenant.id)}
        Schedule.objects.bulk_create(
            _planned(Schedule(tenant_id=tenant.id, plugin=plugin, cron=cron), tenant, now)
            for plugin, cron in crons.items()
            if plugin not in known
        )
        for plugin, schedule in known.items():
            if plugin in crons and not schedule.enabled:
                schedule.enabled = True
                _planned(schedule, tenant, now).save()
        kept = [*crons, *found.waiting]
        Schedule.objects.filter(tenant_id=tenant.id).exclude(plugin__in=kept).update(enabled=False)


def first_schedules(tenant: TenantRef, plugins: Iterable[Plugin]) -> None:
    """Give a new tenant, which has no schedules yet, those of its plugins."""
    with shared_scope():
        now = database_now()
        Schedule.objects.bulk_create(
            _planned(
                Schedule(tenant_id=tenant.id, plugin=plugin.id, cron=plugin.manifest.schedule), tenant, now
            )
            for plugin in plugins
        )


def set_schedule(
    tenant: TenantRef, plugin: str, *, cron: str = "", misfire: str = "", paused: bool | None = None
) -> Schedule:
    """Change a plugin's times, what becomes of missed ones, or whether it pauses; what is empty or None stays.

    The times at which it paused are not missed: it goes on with the next one.

    Raises:
        InvalidCronError: names the remedy.
    """
    with shared_scope(), transaction.atomic():
        schedule = Schedule.objects.select_for_update().get(tenant_id=tenant.id, plugin=plugin)
        if cron:
            schedule.cron = cron
            _planned(schedule, tenant, database_now())
        if misfire:
            schedule.misfire = Schedule.Misfire(misfire)
        if paused is not None and paused != schedule.is_paused:
            schedule.is_paused = paused
            _planned(schedule, tenant, database_now())
        schedule.save()
    return schedule


def schedules_of(tenant: TenantRef) -> Mapping[str, Schedule]:
    """The tenant's schedules by plugin."""
    with shared_scope():
        return {schedule.plugin: schedule for schedule in Schedule.objects.filter(tenant_id=tenant.id)}


def _planned(schedule: Schedule, tenant: TenantRef, now: datetime) -> Schedule:
    schedule.timezone = tenant.timezone
    schedule.planned_after = now
    schedule.next_run_at = next_fire(schedule.cron, now, tenant.timezone)
    return schedule
