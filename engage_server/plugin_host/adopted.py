"""For which release of a plugin a setting was made: its definitions, and what the tenant agreed that it reads.

A setting of a server that kept none of this says nothing (an empty mapping), and counts as agreed to.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from engage_server.plugin_host import guard
from engage_server.plugin_host.consent import reads_of
from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.plugin_host.loading import Plugin
from engage_server.plugin_host.models import PluginSetting
from engage_server.sdk import PluginConfig

RELEASE: Final = "release"
DEFINITIONS: Final = "definitions"
AGREED: Final = "agreed"
READS: Final = "reads"


def adopted_by(plugin: Plugin, agreed: Collection[str], read: Mapping[str, str]) -> dict[str, Any]:
    """What a setting for the installed release keeps, under whose configuration the plugin reads ``read``."""
    return {
        RELEASE: plugin.version,
        DEFINITIONS: definitions_of(plugin),
        AGREED: sorted(set(agreed)),
        READS: dict(read),
    }


def known_reads(setting: PluginSetting | None, plugin: Plugin) -> Mapping[str, str] | None:
    """What the plugin reads under a setting for the installed release, without asking it; None where it must be asked."""
    if setting is None or setting.adopted.get(RELEASE) != plugin.version:
        return None
    known: Mapping[str, str] | None = setting.adopted.get(READS)
    return known


def agreed_of(setting: PluginSetting | None) -> Collection[str] | None:
    """Names of what the tenant agreed to; None where nothing was kept of it."""
    return None if setting is None else setting.adopted.get(AGREED)


def is_older(setting: PluginSetting, plugin: Plugin) -> bool:
    """Whether the setting was made for an earlier release than the installed one, or nobody knows for which.

    Of two workers with two releases only the newer one changes a setting, so that they do not do so in turn.
    """
    release = setting.adopted.get(RELEASE)
    if release is None or release == plugin.version:
        return release is None
    try:
        return Version(plugin.version) > Version(release)
    except InvalidVersion:
        return True


def definitions_of(plugin: Plugin) -> dict[str, int]:
    """The definition version of each of its metrics."""
    return {metric.id: metric.definition_version for metric in plugin.manifest.metrics}


def raised(setting: PluginSetting, plugin: Plugin) -> dict[str, int]:
    """Metrics whose definition version is higher than the setting knows, with the installed one."""
    known = setting.adopted.get(DEFINITIONS)
    if known is None:
        return {}
    return {
        metric: version
        for metric, version in definitions_of(plugin).items()
        if known.get(metric, version) < version
    }


def reads(plugin: Plugin, config: PluginConfig) -> Mapping[str, str]:
    """What a plugin reads under a configuration, in words; nothing where it cannot say: its run fails with the reason."""
    try:
        return reads_of(guard.inputs(plugin, config))
    except PluginFailedError:
        return {}
