"""Takes over what a new release of a plugin brings: an upgraded configuration, and definitions that restate history.

A worker does so before it computes; both stand in the audit log, since nobody asked for them.
"""

from collections.abc import Mapping

from django.db import transaction

from engage_server.audit.log import record
from engage_server.engine.restatement import note_definition
from engage_server.plugin_host import activation, stored_settings
from engage_server.plugin_host.models import PluginSetting
from engage_server.tenancy.scope import TenantRef


def current_settings(tenant: TenantRef) -> Mapping[str, PluginSetting]:
    """The tenant's settings, each brought to the installed release; inside the tenant's scope."""
    settings = activation.current_settings()
    behind = stored_settings.behind(settings)
    if not behind:
        return settings
    for plugin in behind:
        _adopt(tenant, plugin)
    return activation.current_settings()


def _adopt(tenant: TenantRef, plugin: str) -> None:
    with transaction.atomic():
        adopted = stored_settings.adopt(plugin)
        if adopted is None:
            return
        if adopted.upgraded is not None:
            record("configuration.upgraded", subject=plugin, details={"version": adopted.upgraded.version})
        for metric, version in adopted.definitions.items():
            record("definition.raised", subject=f"{plugin}.{metric}", details={"version": version})
        if adopted.definitions:
            metric, version = min(adopted.definitions.items())
            note_definition(tenant, plugin, why=f"definition {version} of {metric}")
