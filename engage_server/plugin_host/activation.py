"""Which plugins a tenant has enabled and with which configuration: rows, read through one function.

All functions work inside the tenant's scope.
"""

import json
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from pydantic import ValidationError

from engage_server.plugin_host import guard
from engage_server.plugin_host.adopted import adopted_by, agreed_of, is_older, reads
from engage_server.plugin_host.consent import require_consent
from engage_server.plugin_host.exceptions import (
    ClashError,
    ConsentNeededError,
    InvalidConfigurationError,
    PluginDisabledError,
    PluginFailedError,
    SealingError,
    UnknownPluginError,
)
from engage_server.plugin_host.isolation.foreign_config import ForeignConfig
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import Plugin, computing_order, registry
from engage_server.plugin_host.sealing import opened, sealed
from engage_server.plugin_host.setting_rows import add_version, forget_once_committed, newest_locked
from engage_server.plugin_host.upgrades import upgraded
from engage_server.sdk import PluginConfig
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.ttl_cache import TtlCache

log = logging.getLogger("engage.plugins")
# What is stored is read in every run and shown on every page of settings. Older, longer ones stay in force.
LONGEST_TEXT: Final = 1_000  # characters
# Asked by each request; the settings themselves would take longer to read than most answers.
ENABLED: Final = """
    SELECT plugin FROM (
        SELECT DISTINCT ON (plugin) plugin, enabled FROM plugin_host_pluginsetting ORDER BY plugin, version DESC
    ) AS newest WHERE enabled
"""
_known: Final[TtlCache[int, frozenset[str]]] = TtlCache(capacity=4_096)
VALUE_ERROR: Final = "Value error, "  # pydantic's word before what a model of ours says
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

    One waits that is not installed here, or is broken, whose configuration is not valid any more, or whose new release
    reads more than was agreed to: its runs and its restatements are kept for it. Another worker may know it already.
    """

    active: Mapping[str, ActivePlugin]
    waiting: Mapping[str, str]


def standing(settings: Mapping[str, PluginSetting] | None = None) -> Standing:
    """How the tenant's enabled plugins stand; ``settings`` are the current ones where the caller has read them."""
    active: dict[str, ActivePlugin] = {}
    waiting: dict[str, str] = {}
    for setting in (current_settings() if settings is None else settings).values():
        if not setting.enabled:
            continue
        try:
            active[setting.plugin] = configured(setting)
            _require_agreed(active[setting.plugin], setting)
        except (UnknownPluginError, InvalidConfigurationError, ConsentNeededError) as error:
            active.pop(setting.plugin, None)
            waiting[setting.plugin] = str(error)
            log.warning("%s", error, extra={"action": "plugin_waits", "plugin": setting.plugin})
    return Standing(active, waiting)


def active_plugins() -> Mapping[str, ActivePlugin]:
    """The tenant's enabled plugins that can run, by id; why others cannot, ``standing`` says."""
    return standing().active


def active_ids() -> frozenset[str]:
    """Ids of the tenant's enabled and installed plugins, without reading configurations."""
    return _installed(_enabled())


def recent_active_ids() -> frozenset[str]:
    """As ``active_ids``, asking the database at most once in four seconds: for requests that come by the hundred a second.

    What this process changes is felt at once; within a transaction, which may see more than others, it is asked each time.
    """
    if connection.in_atomic_block:
        return active_ids()
    tenant = current_tenant().id
    enabled = _known.get_or_load(tenant, lambda: (tenant, _enabled()))
    return _installed(enabled)


def _installed(enabled: frozenset[str]) -> frozenset[str]:
    return enabled.intersection(registry().plugins)


def _enabled() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(ENABLED)
        return frozenset(plugin for (plugin,) in cursor.fetchall())


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
    config = validate_config(plugin, stored_config(plugin, setting))
    return ActivePlugin(plugin=plugin, config=config, version=setting.version)


def stored_config(plugin: Plugin, setting: PluginSetting | None) -> dict[str, Any]:
    """What was stored, secrets in clear, and in the form of the installed release.

    Raises:
        InvalidConfigurationError: a secret cannot be opened, or the plugin cannot upgrade it.
    """
    if setting is None:
        return {}
    try:
        config = opened(setting.config)
        return upgraded(plugin, config) if is_older(setting, plugin) else config
    except (SealingError, PluginFailedError) as error:
        raise InvalidConfigurationError(plugin.id, {"(whole)": str(error)}) from error


def _require_agreed(active: ActivePlugin, setting: PluginSetting) -> None:
    agreed = agreed_of(setting)
    # Under the release that the setting is for it was agreed to when it was set.
    if agreed is not None and is_older(setting, active.plugin):
        require_consent(active.plugin.id, reads(active.plugin, active.config), agreed)


def setting_of(plugin_id: str, version: int) -> PluginSetting | None:
    """One version of a plugin's setting; None where there is none."""
    return PluginSetting.objects.filter(plugin=plugin_id, version=version).first()


def current_settings() -> Mapping[str, PluginSetting]:
    """The newest setting of each plugin that was ever set for the tenant."""
    newest = PluginSetting.objects.order_by("plugin", "-version").distinct("plugin")
    return {setting.plugin: setting for setting in newest}


def enable(
    plugin_id: str, config: Mapping[str, Any] | None = None, *, agreed: Collection[str] | None = None
) -> PluginSetting:
    """Enable a plugin; without ``config`` it keeps the configuration it had.

    ``agreed``: names of what it may read (see ``consent.reads_of``), beside what was agreed to before; None: all.

    Raises:
        UnknownPluginError, InvalidConfigurationError
        ConsentNeededError: it reads more than that.
    """
    return _append(plugin_id, enabled=True, config=config, agreed=agreed)


def enable_starters() -> list[Plugin]:
    """Enable the plugins that a new tenant begins with, in one statement; the tenant must have no settings yet."""
    starters = [plugin for plugin in registry().plugins.values() if plugin.manifest.starter]
    read = {plugin.id: reads(plugin, plugin.manifest.config()) for plugin in starters}
    forget_once_committed()
    PluginSetting.objects.bulk_create(
        PluginSetting(
            plugin=plugin.id,
            version=1,
            enabled=True,
            adopted=adopted_by(plugin, read[plugin.id], read[plugin.id]),
        )
        for plugin in starters
    )
    return starters


def disable(plugin_id: str) -> PluginSetting:
    """Disable a plugin, be it uninstalled or broken by now; its stored values and its configuration stay.

    Raises:
        UnknownPluginError: the tenant never had it, and it is not installed.
    """
    with transaction.atomic():
        former = newest_locked(plugin_id)
        if former is None:
            registry().get(plugin_id)
        elif not former.enabled:
            return former
        config = former.config if former else {}
        adopted = former.adopted if former else {}
        return add_version(plugin_id, former, enabled=False, config=config, adopted=adopted)


def configure(plugin_id: str, changes: Mapping[str, Any]) -> PluginSetting:
    """Change fields of a plugin's configuration; the others stay. A field set to None returns to its default.

    What the plugin reads because of the change is agreed to with it.

    Raises:
        UnknownPluginError, InvalidConfigurationError
    """
    setting = current_settings().get(plugin_id)
    stored = stored_config(registry().get(plugin_id), setting)
    config = {field: value for field, value in {**stored, **changes}.items() if value is not None}
    return _append(plugin_id, enabled=setting.enabled if setting else False, config=config, agreed=())


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
            ".".join(str(part) for part in problem["loc"]) or "(whole)": problem["msg"].removeprefix(
                VALUE_ERROR
            )
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
            "(whole)": f"It has {length} characters as JSON, and {LONGEST_CONFIGURATION} may be. Remedy: shorten it."
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


def _append(
    plugin_id: str, *, enabled: bool, config: Mapping[str, Any] | None, agreed: Collection[str] | None
) -> PluginSetting:
    plugin = registry().get(plugin_id)
    with transaction.atomic():
        former = newest_locked(plugin_id)
        kept = stored_config(plugin, former)
        wanted = dict(kept if config is None else config)
        if config is not None and config != kept:
            _require_bounded(plugin, wanted)
        validated = validate_config(plugin, wanted)
        _require_no_circle(plugin, validated)
        read = reads(plugin, validated)
        allowed = _allowed(plugin, former, read, agreed=agreed, by_change=wanted != kept)
        if enabled and config is None:
            require_consent(plugin_id, read, allowed)
        adopted = adopted_by(plugin, allowed, read)
        if former and former.enabled == enabled and kept == wanted:
            former.adopted = adopted
            former.save(update_fields=["adopted"])
            return former
        return add_version(
            plugin_id, former, enabled=enabled, config=sealed_config(plugin, wanted), adopted=adopted
        )


def _require_no_circle(plugin: Plugin, config: PluginConfig) -> None:
    """Refuse a configuration under which plugins would wait for each other's metrics for ever.

    Raises:
        InvalidConfigurationError: names them.
    """
    needed = guard.needs(plugin, config)
    if not needed:
        return
    others = {one.plugin.id: guard.needs(one.plugin, one.config) for one in active_plugins().values()}
    try:
        computing_order(others | {plugin.id: needed})
    except ClashError as error:
        raise InvalidConfigurationError(plugin.id, {"(whole)": str(error)}) from error


def _allowed(
    plugin: Plugin,
    former: PluginSetting | None,
    read: Mapping[str, str],
    *,
    agreed: Collection[str] | None,
    by_change: bool,
) -> Collection[str]:
    """What the plugin may read: what was agreed to before and now, and what it reads because it was configured so."""
    before = agreed_of(former)
    if agreed is None or (former is not None and before is None):
        return {*read, *(before or ())}
    allowed = {*agreed, *(before or ())}
    if by_change and former is not None:
        try:
            former_reads = reads(plugin, validate_config(plugin, stored_config(plugin, former)))
        except InvalidConfigurationError:
            former_reads = {}
        allowed |= read.keys() - former_reads.keys()
    return allowed


def sealed_config(plugin: Plugin, config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration as it is stored.

    Raises:
        InvalidConfigurationError: it has a secret that cannot be sealed.
    """
    try:
        return sealed(plugin.manifest.config.model_json_schema(), config)
    except SealingError as error:
        raise InvalidConfigurationError(plugin.id, {"(whole)": str(error)}) from error
