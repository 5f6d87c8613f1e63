"""List a tenant's sources, and say what they are."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from engage_server.activity.exceptions import ActivityError
from engage_server.activity.models import Source
from engage_server.engine.source_changes import set_source
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.scope import tenant_scope
from engage_server.tenancy.services import find_tenant, require_active


class Command(BaseCommand):
    """List a tenant's sources, and say what they are."""

    help = "List a tenant's sources; say on which side they are and whether they count."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="the sources of events, and what they are")
        setting = actions.add_parser("set", help="say what a source is, before or after its first event")
        setting.add_argument("name", help="as `key create ingest --source` has it")
        setting.add_argument("--side", choices=[side.lower() for side in Source.Side.values])
        setting.add_argument(
            "--environment", choices=[environment.lower() for environment in Source.Environment.values]
        )
        for action in actions.choices.values():
            action.add_argument("--tenant", required=True, metavar="SLUG")

    def handle(self, *, action: str, tenant: str, **options: Any) -> None:
        """Do it inside the tenant."""
        try:
            found = find_tenant(tenant)
            require_active(found)
            with tenant_scope(found.ref), transaction.atomic():
                if action == "set":
                    changes = {
                        name: (options[name] or "").upper() or None for name in ("side", "environment")
                    }
                    set_source(options["name"], **changes)
                for source in Source.objects.order_by("name"):
                    side, environment = source.side.lower(), source.environment.lower()
                    self.stdout.write(f"{source.name:<24}{side:<8}{environment}")
        except (TenancyError, ActivityError) as error:
            raise CommandError(str(error)) from None
