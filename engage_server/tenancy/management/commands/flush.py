"""Django's flush, which empties the shared tables (the test suite does so between transactional tests)."""

from typing import Any

from django.core.management.commands import flush

from engage_server.tenancy.scope import shared_scope


class Command(flush.Command):
    """Empty the shared tables; tenants' schemas are dropped by `tenant delete` alone."""

    def handle(self, **options: Any) -> None:
        """Run Django's command on the shared schema."""
        with shared_scope(timeout_ms=0):
            super().handle(**options)
