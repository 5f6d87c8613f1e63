"""What a change of a plugin's configuration does to its newest values. Works inside the tenant's scope."""

from collections.abc import Mapping
from typing import Any

from engage_server.engine.what_if import WhatIf, what_if
from engage_server.metrics.account_queries import newest_days
from engage_server.plugin_host.activation import current_settings, stored_config
from engage_server.plugin_host.registry import registry


def effects_of(plugin_id: str, changes: Mapping[str, Any]) -> WhatIf | None:
    """The values of the plugin's newest day as they are stored, and as they would be; None where nothing is stored.

    Args:
        plugin_id: an enabled plugin.
        changes: values by field, on top of its present configuration; None returns a field to its default.

    Raises:
        UnknownPluginError, PluginDisabledError: the plugin cannot compute for this tenant.
        InvalidConfigurationError: it does not take the configuration; field by field.
        BeyondRetentionError: events that the day needs are no longer kept.
        PluginFailedError: it failed under this configuration.
    """
    plugin = registry().get(plugin_id)
    known = newest_days(f"{plugin_id}.{metric.id}" for metric in plugin.manifest.metrics)
    newest = max((day for day in known.values() if day is not None), default=None)
    if newest is None:
        return None
    stored = stored_config(plugin, current_settings().get(plugin_id))
    wanted = {field: value for field, value in {**stored, **changes}.items() if value is not None}
    return what_if(plugin_id, wanted, first=newest, last=newest)
