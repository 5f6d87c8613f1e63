"""Which plugins a tenant has enabled and with which configuration: rows, read through one function.

All functions work inside the tenant's scope.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from pydantic import ValidationError

from engage_server.plugin_host.exceptions import (
    InvalidConfigurationError,
    PluginDisabledError,
    UnknownPluginError,
)
from engage_server.plugin_host.isolation.foreign_config import ForeignConfig
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import Plugin, registry
from engage_server.sdk import PluginConfig

log = logging.getLogger("engage.plugins")
# What is stored is read in every run and shown on every page of settings. Older, longer ones stay in force.
LONGEST_TEXT: Final = 1_000  # characters
LONGEST_CONFIGURATION: Final = 32_768  # characters as JSON


@dataclass(frozen=True, slots=True)
class ActivePlugin:
    """An enabled plugin with the tenant's configuration and its version."""

    plugin: Plugin
    config: PluginConfig
    version: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A tenant's enabled plugins: those that can run, and the reasons of those that wait until they can again.

    One waits that is not installed here, or is broken, or whose configuration is not valid any more: its runs and its
    restatements are kept for it. Another worker may know it already.
    """

    active: Mapping[str, ActivePlugin]
    waiting: Mapping[str, str]


def standing() -> Standing:
    """How the tenant's enabled plugins stand."""
    active: dict[str, ActivePlugin] = {}
    waiting: dict[str, str] = {}
    for setting in current_settings().values():
        if not setting.enabled:
            continue
        try:
            active[setting.plugin] = configured(setting)
        except (UnknownPluginError, InvalidConfigurationError) as error:
            waiting[setting.plugin] = str(error)
            log.warning("%s", error, extra={"action": "plugin_waits", "plugin": setting.plugin})
    return Standing(active, waiting)


def active_plugins() -> Mapping[str, ActivePlugin]:
    """The tenant's enabled plugins that can run, by id; why others cannot, ``standing`` says."""
    return standing().active


def active_ids() -> frozenset[str]:
    """Ids of the tenant's enabled and installed plugins, without reading configurations."""
    installed = registry().plugins
    return frozenset(s.plugin for s in current_settings().values() if s.enabled and s.plugin in installed)


def active_plugin(plugin_id: str) -> ActivePlugin:
    """One enabled plugin.

    Raises:
        UnknownPluginError: not installed.
        PluginDisabledError: not enabled for this tenant.
        InvalidConfigurationError: the installed plugin does not take its configuration.
    """
    registry().get(plugin_id)
    setting = current_settings().get(plugin_id)
    if setting is None or not setting.enabled:
        raise PluginDisabledError(
            f"The plugin {plugin_id!r} is not enabled for this tenant. Remedy: `manage.py plugin enable {plugin_id}`."
        )
    return configured(setting)


def configured(setting: PluginSetting) -> ActivePlugin:
    """A plugin under one version of its configuration, whether that is in force or not.

    Raises:
        UnknownPluginError: not installed.
        InvalidConfigurationError: the installed plugin does not take this configuration.
    """
    plugin = registry().get(setting.plugin)
    return ActivePlugin(
        plugin=plugin, config=validate_config(plugin, setting.config), version=setting.version
    )


def setting_of(plugin_id: str, version: int) -> PluginSetting | None:
    """One version of a plugin's setting; None where there is none."""
    return PluginSetting.objects.filter(plugin=plugin_id, version=version).first()


def current_settings() -> Mapping[str, PluginSetting]:
    """The newest setting of each plugin that was ever set for the tenant."""
    newest = PluginSetting.objects.order_by("plugin", "-version").distinct("plugin")
    return {setting.plugin: setting for setting in newest}


def enable(plugin_id: str, config: Mapping[str, Any] | None = None) -> PluginSetting:
    """Enable a plugin; without ``config`` it keeps the configuration it had.

    Raises:
        UnknownPluginError, InvalidConfigurationError
    """
    return _append(plugin_id, enabled=True, config=config)


def enable_starters() -> list[Plugin]:
    """Enable the plugins that a new tenant begins with, in one statement; the tenant must have no settings yet."""
    starters = [plugin for plugin in registry().plugins.values() if plugin.manifest.starter]
    PluginSetting.objects.bulk_create(
        PluginSetting(plugin=plugin.id, version=1, enabled=True) for plugin in starters
    )
    return starters


def disable(plugin_id: str) -> PluginSetting:
    """Disable a plugin, be it uninstalled or broken by now; its stored values and its configuration stay.

    Raises:
        UnknownPluginError: the tenant never had it, and it is not installed.
    """
    with transaction.atomic():
        former = _locked(plugin_id)
        if former is None:
            registry().get(plugin_id)
        elif not former.enabled:
            return former
        return _next(plugin_id, former, enabled=False, config=former.config if former else {})


def configure(plugin_id: str, changes: Mapping[str, Any]) -> PluginSetting:
    """Change fields of a plugin's configuration; the others stay. A field set to None returns to its default.

    Raises:
        UnknownPluginError, InvalidConfigurationError
    """
    setting = current_settings().get(plugin_id)
    merged = {**(setting.config if setting else {}), **changes}
    config = {field: value for field, value in merged.items() if value is not None}
    return _append(plugin_id, enabled=setting.enabled if setting else False, config=config)


def validate_config(plugin: Plugin, config: Mapping[str, Any]) -> PluginConfig:
    """The plugin's configuration model filled with ``config``.

    Raises:
        InvalidConfigurationError: field by field what is wrong.
    """
    kind = plugin.manifest.config
    if issubclass(kind, ForeignConfig):
        if found := kind.problems(config):
            raise InvalidConfigurationError(plugin.id, found)
        return kind(**config)
    try:
        return kind.model_validate(dict(config))
    except ValidationError as error:
        problems = {
            ".".join(str(part) for part in problem["loc"]) or "(whole)": problem["msg"]
            for problem in error.errors(include_url=False)
        }
        raise InvalidConfigurationError(plugin.id, problems) from None


def _require_bounded(plugin: Plugin, config: Mapping[str, Any]) -> None:
    """Refuse a configuration that is longer than any needs to be.

    Raises:
        InvalidConfigurationError: names the fields.
    """
    problems = {
        field: f"A text has more than {LONGEST_TEXT} characters. Remedy: shorten it."
        for field, value in config.items()
        if any(len(text) > LONGEST_TEXT for text in _texts(value))
    }
    length = len(json.dumps(config, default=str))
    if not problems and length > LONGEST_CONFIGURATION:
        problems = {
            "(whole)": f"It has {length} characters as JSON; {LONGEST_CONFIGURATION} may be. Remedy: shorten it."
        }
    if problems:
        raise InvalidConfigurationError(plugin.id, problems)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        parts = [*value, *value.values()] if isinstance(value, Mapping) else value
        for part in parts:
            yield from _texts(part)


def _append(plugin_id: str, *, enabled: bool, config: Mapping[str, Any] | None) -> PluginSetting:
    plugin = registry().get(plugin_id)
    with transaction.atomic():
        former = _locked(plugin_id)
        kept = former.config if former else {}
        wanted = dict(kept if config is None else config)
        if config is not None and config != kept:
            _require_bounded(plugin, wanted)
        validate_config(plugin, wanted)
        if former and former.enabled == enabled and former.config == wanted:
            return former
        return _next(plugin_id, former, enabled=enabled, config=wanted)


def _locked(plugin_id: str) -> PluginSetting | None:
    return PluginSetting.objects.filter(plugin=plugin_id).order_by("-version").select_for_update().first()


def _next(
    plugin_id: str, former: PluginSetting | None, *, enabled: bool, config: Mapping[str, Any]
) -> PluginSetting:
    version = former.version + 1 if former else 1
    return PluginSetting.objects.create(
        plugin=plugin_id, version=version, enabled=enabled, config=dict(config)
    )
