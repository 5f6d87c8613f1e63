"""When each tenant's plugins are computed."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from engage_server.engine.cron import next_fire
from engage_server.engine.models import Schedule
from engage_server.plugin_host.activation import active_plugins
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope


def sync_schedules(tenant: TenantRef, *, now: datetime | None = None) -> None:
    """Give every enabled plugin a schedule (its manifest's, unless the tenant set one) and switch off the rest."""
    now = now or timezone.now()
    with tenant_scope(tenant):
        active = active_plugins()
    with shared_scope():
        known = {schedule.plugin: schedule for schedule in Schedule.objects.filter(tenant_id=tenant.id)}
        for plugin_id, plugin in active.items():
            schedule = known.pop(plugin_id, None)
            if schedule is None:
                cron = plugin.plugin.manifest.schedule
                Schedule.objects.create(
                    tenant_id=tenant.id,
                    plugin=plugin_id,
                    cron=cron,
                    next_run_at=next_fire(cron, now, tenant.timezone),
                )
            elif not schedule.enabled:
                schedule.enabled = True
                schedule.next_run_at = next_fire(schedule.cron, now, tenant.timezone)
                schedule.save()
        Schedule.objects.filter(pk__in=[schedule.pk for schedule in known.values()]).update(enabled=False)


def set_cron(tenant: TenantRef, plugin: str, expression: str) -> Schedule:
    """Give a plugin another schedule.

    Raises:
        InvalidCronError: names the remedy.
    """
    moment = next_fire(expression, timezone.now(), tenant.timezone)
    with shared_scope():
        schedule, _ = Schedule.objects.update_or_create(
            tenant_id=tenant.id, plugin=plugin, defaults={"cron": expression, "next_run_at": moment}
        )
    return schedule


def schedules_of(tenant: TenantRef) -> Mapping[str, Schedule]:
    """The tenant's schedules by plugin."""
    with shared_scope():
        return {schedule.plugin: schedule for schedule in Schedule.objects.filter(tenant_id=tenant.id)}
