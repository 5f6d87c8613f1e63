"""Changes a tenant's plugins, each with all that follows: schedule, restatement of history, audit."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from engage_server.audit.log import record
from engage_server.automation import channels
from engage_server.engine import breaker
from engage_server.engine.models import Schedule
from engage_server.engine.restatement import restate_all
from engage_server.engine.schedules import set_schedule, sync_schedules
from engage_server.operations.writes import require_version
from engage_server.plugin_host import activation, stored_settings
from engage_server.plugin_host.adopted import agreed_of
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import registry
from engage_server.plugin_host.setting_rows import newest_locked
from engage_server.tenancy.scope import TenantRef, tenant_scope


def enable_plugin(tenant: TenantRef, plugin_id: str, *, agree: bool = False) -> PluginSetting:
    """Enable a plugin under the configuration it had, and schedule it.

    ``agree``: to all that it reads; else it may read what was agreed to before.

    Raises:
        UnknownPluginError, InvalidConfigurationError
        ConsentNeededError: it reads more; says what.
    """
    with tenant_scope(tenant), transaction.atomic():
        setting = activation.enable(plugin_id, agreed=None if agree else ())
        sync_schedules(tenant)
        _record("plugin.enabled", setting, reads=list(agreed_of(setting) or ()))
    return setting


def reseal(tenant: TenantRef) -> int:
    """Seal the secrets of all configurations and channels under the first key, clear ones too; return how many.

    Raises:
        SealingError: one was sealed under a key that is none of those set.
    """
    with tenant_scope(tenant), transaction.atomic():
        changed = stored_settings.reseal() + channels.reseal()
        if changed:
            record("secrets.resealed", details={"configurations": changed})
    return changed


def disable_plugin(tenant: TenantRef, plugin_id: str) -> PluginSetting:
    """Disable a plugin: out of the schema and the schedule; its values and configuration stay.

    Raises:
        UnknownPluginError
    """
    with tenant_scope(tenant), transaction.atomic():
        setting = activation.disable(plugin_id)
        sync_schedules(tenant)
        _record("plugin.disabled", setting)
    return setting


def configure_plugin(
    tenant: TenantRef, plugin_id: str, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> PluginSetting:
    """Change fields of a plugin's configuration, and have its history restated.

    Args:
        tenant: whose.
        plugin_id: which.
        changes: values by field; None returns a field to its default.
        expected_version: of the configuration that the client has seen (0: it was never set); None: whichever is there.

    Raises:
        UnknownPluginError, InvalidConfigurationError
        ConflictError: the configuration has another version by now.
    """
    with tenant_scope(tenant), transaction.atomic():
        former = newest_locked(plugin_id)
        require_version(
            expected_version, former.version if former else 0, of=f"The configuration of {plugin_id!r}"
        )
        setting = activation.configure(plugin_id, changes)
        _record("configuration.changed", setting, fields=sorted(changes))
        restate_all(tenant, plugin_id)
    return setting


def reset_plugin(tenant: TenantRef, plugin_id: str) -> int:
    """Let a plugin that rests after failures run again at once; return how many runs need not wait any longer.

    Raises:
        UnknownPluginError
    """
    plugin = registry().get(plugin_id)
    with tenant_scope(tenant), transaction.atomic():
        released = breaker.reset(tenant.id, plugin.id)
        record("plugin.reset", subject=plugin.id, details={"runs": released})
    return released


def change_schedule(
    tenant: TenantRef, plugin_id: str, *, cron: str = "", misfire: str = "", paused: bool | None = None
) -> Schedule:
    """Change an enabled plugin's times, what becomes of missed ones, or whether it pauses; what is empty or None stays.

    Raises:
        UnknownPluginError, InvalidCronError
    """
    with tenant_scope(tenant), transaction.atomic():
        activation.active_plugin(plugin_id)
        schedule = set_schedule(tenant, plugin_id, cron=cron, misfire=misfire, paused=paused)
        record(
            "schedule.changed",
            subject=plugin_id,
            details={"cron": schedule.cron, "misfire": schedule.misfire, "paused": schedule.is_paused},
        )
    return schedule


def _record(action: str, setting: PluginSetting, **more: Any) -> None:
    digest = hashlib.sha256(json.dumps(setting.config, sort_keys=True).encode()).hexdigest()
    record(action, subject=setting.plugin, details={"version": setting.version, "digest": digest, **more})
