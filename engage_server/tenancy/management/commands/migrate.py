"""Django's migrate for the shared schema, then ours for the tenants."""

from typing import Any

from django.core.management.commands import migrate

from engage_server.tenancy.migration import migrate_tenants
from engage_server.tenancy.scope import shared_scope


class Command(migrate.Command):
    """Bring the shared schema and every tenant's up to date."""

    help = "Bring the shared schema and every tenant's schema up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command on the shared schema; a plain `migrate` goes on to the tenants."""
        with shared_scope(timeout_ms=0):
            super().handle(*args, **options)
        if options["app_label"] is None and not options["plan"] and not options["check_unapplied"]:
            count = migrate_tenants()
            if options["verbosity"] > 0:
                self.stdout.write(f"Tenants migrated: {count}")
