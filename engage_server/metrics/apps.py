"""Django's entry to the package."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Stored values."""

    name = "engage_server.metrics"

    def ready(self) -> None:
        """Register the kind of definition."""
        from engage_server.definitions.kinds import register_kind
        from engage_server.metrics.overrides import OVERRIDE, OverrideBody

        register_kind(OVERRIDE, OverrideBody)
