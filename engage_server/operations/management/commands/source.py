"""List a tenant's sources, and say what they are."""

from collections.abc import Mapping
from typing import Any

from engage_server.activity.exceptions import ActivityError
from engage_server.activity.models import Source
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.operations.sources import set_source
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """List a tenant's sources, and say what they are."""

    expected = (ActivityError,)
    active_only = True
    help = "List a tenant's sources; say on which side they are and whether they count."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        actions.add_parser("list", help="the sources of events, and what they are")
        setting = actions.add_parser("set", help="say what a source is, before or after its first event")
        setting.add_argument("name", help="as `key create ingest --source` has it")
        setting.add_argument("--side", choices=[side.lower() for side in Source.Side.values])
        setting.add_argument(
            "--environment", choices=[environment.lower() for environment in Source.Environment.values]
        )

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for source in Source.objects.order_by("name"):
            side, environment = source.side.lower(), source.environment.lower()
            self.stdout.write(f"{source.name:<24}{side:<8}{environment}")

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        changes = {name: (options[name] or "").upper() or None for name in ("side", "environment")}
        set_source(options["name"], **changes)
        self._list(tenant, options)
