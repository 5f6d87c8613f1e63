"""Versions of a plugin's setting, as rows: the newest counts, the older ones stay. Inside the tenant's scope."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from engage_server.plugin_host.models import PluginSetting
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.tenant_cache import invalidate_tenant


def newest_locked(plugin_id: str) -> PluginSetting | None:
    """The newest setting of a plugin, locked until the transaction ends; None where there never was one."""
    return PluginSetting.objects.filter(plugin=plugin_id).order_by("-version").select_for_update().first()


def add_version(
    plugin_id: str,
    former: PluginSetting | None,
    *,
    enabled: bool,
    config: Mapping[str, Any],
    adopted: Mapping[str, Any],
) -> PluginSetting:
    """Write the version after ``former``, which stays."""
    version = former.version + 1 if former else 1
    forget_once_committed()
    return PluginSetting.objects.create(
        plugin=plugin_id, version=version, enabled=enabled, config=dict(config), adopted=dict(adopted)
    )


def forget_once_committed() -> None:
    """Have this process ask again which plugins the tenant has enabled, once the running transaction is committed."""
    transaction.on_commit(partial(invalidate_tenant, current_tenant().id))
