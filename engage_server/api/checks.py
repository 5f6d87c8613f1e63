"""Reports GraphQL contributions that clash or make no schema in ``manage.py check``."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks

from engage_server.api.composition import verify_installed
from engage_server.plugin_host.exceptions import PluginHostError


@checks.register
def check_contributions(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """One error for the first clash or contribution that makes no schema."""
    try:
        verify_installed()
    except PluginHostError as error:
        return [checks.Error(str(error), id="api.E001")]
    return []
