"""Django's entry to the package."""

from django.apps import AppConfig

from engage_server.tenancy.late_registration import register_later


class IngestConfig(AppConfig):
    """Data on its way in."""

    name = "engage_server.ingest"

    def ready(self) -> None:
        """Have the workers store the files that came by request."""
        register_later(_register)


def _register() -> None:
    from engage_server.engine import background_tasks
    from engage_server.ingest.imports import worker

    background_tasks.register(worker.TASK)
