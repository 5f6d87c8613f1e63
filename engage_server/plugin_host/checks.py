"""Reports broken plugins in ``manage.py check``."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks

from engage_server.plugin_host.registry import registry


@checks.register
def check_plugins(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """One error for each plugin that is installed but broken."""
    return [checks.Error(reason, id="plugin_host.E001") for reason in registry().broken.values()]
