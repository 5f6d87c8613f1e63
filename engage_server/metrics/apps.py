"""Django's entry to the package."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Stored values."""

    name = "engage_server.metrics"
