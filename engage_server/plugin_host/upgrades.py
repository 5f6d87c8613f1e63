"""Has a plugin bring a configuration that an earlier release stored into the form of this one."""

from collections.abc import Mapping
from typing import Any

from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.plugin_host.loading import Plugin
from engage_server.plugin_host.traces import message_of, trace_of


def upgraded(plugin: Plugin, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration in the form of the installed release; as it is where the plugin upgrades none.

    Raises:
        PluginFailedError: the plugin's function raised, or returned no mapping.
    """
    upgrade = plugin.manifest.upgrade_config
    if upgrade is None:
        return dict(stored)
    try:
        made: object = upgrade(dict(stored))
    except PluginFailedError:
        raise
    except Exception as error:  # foreign code: whatever it raises is its own failure
        raise PluginFailedError(
            f"The plugin {plugin.id!r} raised {message_of(error, known=stored)} when it was to upgrade a configuration",
            trace=trace_of(error),
        ) from error
    if not isinstance(made, Mapping):
        raise PluginFailedError(
            f"The plugin {plugin.id!r} made {type(made).__name__} of a configuration. Remedy: return a mapping."
        )
    return dict(made)
