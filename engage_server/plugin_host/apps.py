"""Django's entry to the package."""

from django.apps import AppConfig


class PluginHostConfig(AppConfig):
    """Plugins: found, checked, enabled, called."""

    name = "engage_server.plugin_host"

    def ready(self) -> None:
        """Register the system check."""
        from engage_server.plugin_host import checks  # noqa: F401
