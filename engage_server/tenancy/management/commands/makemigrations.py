"""Django's makemigrations, which looks at the shared schema's history."""

from typing import Any

from django.core.management.commands import makemigrations

from engage_server.tenancy.scope import shared_scope


class Command(makemigrations.Command):
    """Write the migrations of changed models."""

    def handle(self, *app_labels: str, **options: Any) -> None:
        """Run Django's command on the shared schema."""
        with shared_scope():
            super().handle(*app_labels, **options)
