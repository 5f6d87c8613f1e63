"""Django's entry to the package."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """Schedules and runs."""

    name = "engage_server.engine"
