"""Seal the secrets of plugins' configurations under the first key of ENGAGE_SEALING_KEYS."""

from typing import Any

from engage_server.audit.management.base import OperatorCommand
from engage_server.operations.plugins import reseal
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope


class Command(OperatorCommand):
    """Seal the secrets of plugins' configurations under the first key of ENGAGE_SEALING_KEYS."""

    expected = (PluginHostError,)
    help = (
        "Seal the secrets of all tenants' plugin configurations under the first key of ENGAGE_SEALING_KEYS; afterwards "
        "the other keys can go. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Tenant by tenant, each in a transaction of its own."""
        with shared_scope():
            tenants = [tenant.ref for tenant in Tenant.objects.order_by("slug")]
        changed = sum(reseal(tenant) for tenant in tenants)
        self.stdout.write(f"{changed} configurations of {len(tenants)} tenants were sealed.")
