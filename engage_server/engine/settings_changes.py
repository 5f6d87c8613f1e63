"""Changes a tenant's plugin settings with all that follows: schedules, restatement of history, audit."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from engage_server.audit.log import record
from engage_server.engine.restatement import restate_all
from engage_server.engine.schedules import sync_schedules
from engage_server.plugin_host import activation
from engage_server.plugin_host.models import PluginSetting
from engage_server.tenancy.scope import TenantRef, tenant_scope


def enable_plugin(tenant: TenantRef, plugin_id: str) -> PluginSetting:
    """Enable a plugin under the configuration it had, and schedule it.

    Raises:
        UnknownPluginError, InvalidConfigurationError
    """
    with tenant_scope(tenant):
        setting = activation.enable(plugin_id)
        _record("plugin.enabled", setting)
    sync_schedules(tenant)
    return setting


def disable_plugin(tenant: TenantRef, plugin_id: str) -> PluginSetting:
    """Disable a plugin: out of the schema and the schedule; its values and configuration stay.

    Raises:
        UnknownPluginError
    """
    with tenant_scope(tenant):
        setting = activation.disable(plugin_id)
        _record("plugin.disabled", setting)
    sync_schedules(tenant)
    return setting


def configure_plugin(tenant: TenantRef, plugin_id: str, changes: Mapping[str, Any]) -> PluginSetting:
    """Change fields of a plugin's configuration, and have its history restated.

    Args:
        tenant: whose.
        plugin_id: which.
        changes: values by field; None returns a field to its default.

    Raises:
        UnknownPluginError, InvalidConfigurationError
    """
    with tenant_scope(tenant):
        setting = activation.configure(plugin_id, changes)
        _record("configuration.changed", setting, fields=sorted(changes))
    restate_all(tenant, plugin_id)
    return setting


def _record(action: str, setting: PluginSetting, **more: Any) -> None:
    digest = hashlib.sha256(json.dumps(setting.config, sort_keys=True).encode()).hexdigest()
    record(action, subject=setting.plugin, details={"version": setting.version, "digest": digest, **more})
