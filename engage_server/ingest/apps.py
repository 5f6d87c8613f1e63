"""Django's entry to the package."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Data on its way in."""

    name = "engage_server.ingest"
