"""Django's entry to the package."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks


class PluginHostConfig(AppConfig):
    """Plugins: found, checked, enabled, called."""

    name = "engage_server.plugin_host"

    def ready(self) -> None:
        """Register the system check."""
        checks.register(_check_plugins)


def _check_plugins(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    from engage_server.plugin_host.checks import check_plugins

    return check_plugins()
