"""Django's entry to the package."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Data on its way in."""

    name = "engage_server.ingest"

    def ready(self) -> None:
        """Have the workers store the files that came by request."""
        from engage_server.engine import background_tasks
        from engage_server.ingest.imports import worker

        background_tasks.register(worker.TASK)
