"""Keeps a tenant's settings in step with what is installed: new releases of plugins, changed keys. Inside its scope."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from engage_server.plugin_host.activation import sealed_config, stored_config, validate_config
from engage_server.plugin_host.adopted import adopted_by, agreed_of, is_older, raised, reads
from engage_server.plugin_host.consent import require_consent
from engage_server.plugin_host.exceptions import ConsentNeededError, InvalidConfigurationError
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import registry
from engage_server.plugin_host.sealing import opened, resealed
from engage_server.plugin_host.setting_rows import add_version, newest_locked


def behind(settings: Mapping[str, PluginSetting]) -> list[str]:
    """Ids of enabled and installed plugins whose settings are of an earlier release than the installed one."""
    plugins = registry().plugins
    return [
        setting.plugin
        for setting in settings.values()
        if setting.enabled
        and (plugin := plugins.get(setting.plugin)) is not None
        and (is_older(setting, plugin) or raised(setting, plugin))
    ]


@dataclass(frozen=True, slots=True)
class Adopted:
    """What bringing a setting to the installed release came to: metrics with raised definitions, a new version or None."""

    definitions: Mapping[str, int]
    upgraded: PluginSetting | None


def adopt(plugin_id: str) -> Adopted | None:
    """Bring a plugin's setting to the installed release; None where it is already, or where the plugin has to wait.

    An upgraded configuration is a new version, the former stays. What was agreed to stays, too.
    """
    plugin = registry().get(plugin_id)
    with transaction.atomic():
        setting = newest_locked(plugin_id)
        if setting is None or not behind({plugin_id: setting}):
            return None
        try:
            config = stored_config(plugin, setting)
            read = reads(plugin, validate_config(plugin, config))
            agreed = agreed_of(setting)
            allowed = read if agreed is None else agreed
            require_consent(plugin_id, read, allowed)
        except (InvalidConfigurationError, ConsentNeededError):
            return None  # it waits, and says so
        adopted = adopted_by(plugin, allowed, read)
        definitions = raised(setting, plugin)
        if config == opened(setting.config):
            PluginSetting.objects.filter(pk=setting.pk).update(adopted=adopted)
            return Adopted(definitions, None)
        stored = sealed_config(plugin, config)
        return Adopted(
            definitions, add_version(plugin_id, setting, enabled=True, config=stored, adopted=adopted)
        )


def reseal() -> int:
    """Seal every secret of the tenant's settings anew, of former versions too; return how many settings changed.

    Those of plugins that are not installed are sealed anew where they are sealed: nobody knows their other secrets.

    Raises:
        SealingError: one was sealed under a key that is none of those set.
    """
    changed = 0
    for setting in PluginSetting.objects.select_for_update().order_by("id"):
        plugin = registry().plugins.get(setting.plugin)
        schema = {} if plugin is None else plugin.manifest.config.model_json_schema()
        config = resealed(schema, setting.config)
        if config != setting.config:
            PluginSetting.objects.filter(pk=setting.pk).update(config=config)
            changed += 1
    return changed
