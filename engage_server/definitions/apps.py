"""Django's entry to the package."""

from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    """Versioned definitions."""

    name = "engage_server.definitions"
