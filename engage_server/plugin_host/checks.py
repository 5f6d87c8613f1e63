"""Reports broken plugins in ``manage.py check`` and at every start: as warnings, since the others go on."""

from django.core import checks

from engage_server.plugin_host.registry import registry


def check_plugins() -> list[checks.CheckMessage]:
    """One warning for each plugin that is installed and put aside."""
    return [checks.Warning(reason, id="plugin_host.W001") for reason in registry().broken.values()]
