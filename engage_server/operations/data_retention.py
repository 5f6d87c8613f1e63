"""Changes how long a tenant keeps raw events, on record."""

from django.db import transaction

from engage_server.audit.log import record
from engage_server.engine.data_retention import days_of_events
from engage_server.engine.exceptions import BeyondRetentionError
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import active_plugins
from engage_server.tenancy.data_retention import set_retention
from engage_server.tenancy.scope import TenantRef, tenant_scope


def change_retention(tenant: TenantRef, *, events_keep_days: int | None) -> TenantRef:
    """Keep raw events for so many days from now on (None: forever); return the tenant as it is now.

    Raises:
        BeyondRetentionError: an enabled plugin's windows are longer, so that it could not be computed any more.
    """
    with tenant_scope(tenant), transaction.atomic():
        for active in active_plugins().values():
            specs = guard.inputs(active.plugin, active.config).values()
            longest = days_of_events(specs)
            if events_keep_days is not None and longest > events_keep_days:
                raise BeyondRetentionError(
                    f"The plugin {active.plugin.id!r} looks back over {longest} days of events, which a period of "
                    f"{events_keep_days} days would not leave it. Remedy: a longer period, a shorter window in its "
                    "configuration, or disable it."
                )
        changed = set_retention(tenant.slug, events_keep_days=events_keep_days)
        record("retention.changed", details={"events_keep_days": events_keep_days})
    return changed
