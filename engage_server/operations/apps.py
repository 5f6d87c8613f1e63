"""Django's entry to the package."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Commands of operators; no tables."""

    name = "engage_server.operations"
