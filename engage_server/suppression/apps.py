"""Django's entry to the package."""

from django.apps import AppConfig


class SuppressionConfig(AppConfig):
    """The list of suppressed names."""

    name = "engage_server.suppression"
