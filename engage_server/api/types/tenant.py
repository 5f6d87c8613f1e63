"""The tenant itself and the plugins it may enable, in GraphQL."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any, Final, Self, cast

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission, Principal
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.languages import text_in
from engage_server.api.permissions import requires
from engage_server.api.types.nodes import Node
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    WriteInput,
    WritePayload,
    carry_out,
)
from engage_server.operations import domains, tenants
from engage_server.operations.writes import Facts
from engage_server.plugin_host.activation import (
    current_settings,
    standing,
    stored_config,
    validate_config,
)
from engage_server.plugin_host.adopted import known_reads, reads
from engage_server.plugin_host.exceptions import InvalidConfigurationError
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.quality import Level, known_quality
from engage_server.plugin_host.registry import Plugin, registry
from engage_server.plugin_host.secret_fields import without_secrets
from engage_server.sdk import Cadence, Lifecycle, PluginConfig
from engage_server.sdk.catalogues import translated_schema
from engage_server.sdk.graphql import expose_enum
from engage_server.tenancy import models
from engage_server.tenancy.domains import domains_of
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.services import find_tenant

INVALID: Final = "The stored configuration is not valid. Remedy: somebody with `config:write` changes it."
expose_enum(
    Level,
    name="PluginQuality",
    description="How good a plugin is by the kit's scale. NONE: it does not work everywhere. BRONZE: it works. SILVER: its "
    "numbers are the same whatever the order, the zone or the day on which rows come. GOLD: its numbers explain themselves. "
    "PLATINUM: they are fit for strangers.",
)
expose_enum(
    Lifecycle,
    name="PluginLifecycle",
    description="How far a plugin may be relied on. EXPERIMENTAL: formula and fields may change with any release. STABLE: a "
    "change raises the definition version. DEPRECATED: it goes.",
)
WAITS: Final = "It cannot run as it is. Remedy: somebody with `config:write` sees the reason."


@strawberry.type(name="Tenant", description="The company whose data this is.")
class TenantNode:
    slug: str
    name: str
    timezone: str
    cadence: Cadence
    minimum_persons: int = strawberry.field(
        description="Values of fewer persons are withheld from who lacks `personal:read`; 1: none are."
    )
    primary_metric: strawberry.ID | None = strawberry.field(
        description="Full id of the metric that matters most; null: none was chosen."
    )
    id: strawberry.Private[int]

    @strawberry.field(
        description="Host names under which the tenant is served, the primary one first.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def domains(self) -> list[str]:
        return domains_of(self.id)

    @classmethod
    def of(cls, tenant: models.Tenant) -> Self:
        """The node of a tenant."""
        return cls(
            slug=tenant.slug,
            name=tenant.name,
            timezone=tenant.timezone,
            cadence=Cadence(tenant.cadence),
            primary_metric=strawberry.ID(tenant.primary_metric) if tenant.primary_metric else None,
            id=tenant.pk,
            minimum_persons=tenant.minimum_persons,
        )


@strawberry.input(description="What changes of the tenant; what is left out stays.")
class UpdateTenantInput(WriteInput):
    name: str | None = None
    timezone: str | None = strawberry.field(
        default=None, description="Another one moves the days: every stored value is restated."
    )
    cadence: Cadence | None = None
    primary_metric: strawberry.ID | None = strawberry.field(default=None, description="Empty: none.")


@strawberry.input(description="A host name under which the tenant is served.")
class AddDomainInput(WriteInput):
    domain: str
    primary: bool = False


@strawberry.input(description="A host name under which the tenant is served no longer.")
class RemoveDomainInput(WriteInput):
    domain: str


@strawberry.input(description="Of how many persons a value must be told.")
class SetMinimumPersonsInput(WriteInput):
    persons: int = strawberry.field(description="1 shows all.")


@strawberry.type(description="The tenant that was written.")
class TenantPayload(WritePayload):
    @strawberry.field(description="As it is now.")
    def tenant(self, info: Info) -> TenantNode:
        return TenantNode.of(find_tenant(info.context.tenant.slug))


@strawberry.type
class TenantMutation:
    @strawberry.mutation(
        description="Change the tenant's name, time zone, cadence or most important metric.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_tenant(self, info: Info, input: UpdateTenantInput) -> TenantPayload:
        def change() -> None:
            tenants.change_tenant(
                info.context.tenant.slug,
                name=plain(input.name or ""),
                timezone=plain(input.timezone or ""),
                cadence=str(input.cadence or ""),
                primary_metric=None if input.primary_metric is None else plain(input.primary_metric),
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Serve the tenant under one more host name; its DNS is yours to set.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def add_domain(self, info: Info, input: AddDomainInput) -> TenantPayload:
        def change() -> None:
            domains.add_domain(info.context.tenant.slug, plain(input.domain), primary=input.primary)

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Serve the tenant under this host name no longer; not the last one.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def remove_domain(self, info: Info, input: RemoveDomainInput) -> TenantPayload:
        def change() -> None:
            domains.remove_domain(info.context.tenant.slug, plain(input.domain))

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Withhold values of fewer persons than these from who lacks `personal:read`. Needs `personal:read` too.",
        extensions=[requires(Permission.CONFIG_WRITE), requires(Permission.PERSONAL_READ)],
    )
    def set_minimum_persons(self, info: Info, input: SetMinimumPersonsInput) -> TenantPayload:
        def change() -> None:
            tenants.set_minimum_persons(info.context.tenant.slug, input.persons)

        return _carry_out(info, input, change)


def _carry_out(info: Info, given: WriteInput, change: Callable[[], None]) -> TenantPayload:
    def changed() -> Facts:
        change()
        return {}

    with refused_as_input():
        return TenantPayload(**carry_out(info, given, changed))


@contextmanager
def refused_as_input() -> Iterator[None]:
    """What a tenant cannot become is the caller's input to mend."""
    try:
        yield
    except InvalidTenantError as error:
        raise BadUserInputError(str(error)) from None


@strawberry.type(name="Plugin", description="An installed plugin as this tenant has it.")
class PluginNode(Node):
    id: strawberry.ID = strawberry.field(description="The plugin's name.")
    version: str = strawberry.field(description="Version of the installed package.")
    enabled: bool
    configuration_version: int = strawberry.field(description="0 where the tenant never set the plugin.")
    plugin: strawberry.Private[Plugin]
    setting: strawberry.Private[PluginSetting | None]
    for_changers: strawberry.Private[bool]

    @strawberry.field(
        description="The configuration in force, defaults filled in. Where there is a problem: as stored, without what the "
        "plugin does not know or keeps secret, for those alone who may change it. Persons are named with `personal:read`."
    )
    def config(self) -> JSON:
        return cast(JSON, self.told[0])

    @strawberry.field(
        description="Why the stored configuration is not valid; without reasons for those who may not change it."
    )
    def problem(self) -> str | None:
        return self.told[1]

    @strawberry.field(
        description="Why the enabled plugin waits instead of running; null where it runs or is not enabled. Without "
        "reasons for those who may not change it."
    )
    def waits(self) -> str | None:
        settings = {} if self.setting is None else {self.plugin.id: self.setting}
        reason = standing(settings).waiting.get(self.plugin.id)
        return reason if reason is None or self.for_changers else WAITS

    @strawberry.field(
        description="JSON Schema of the configuration, to draw a form from. In another language with the titles and "
        "descriptions that the plugin translates, and as `enumNames` what members of an enumeration are called."
    )
    def schema(self, language: str = "en") -> JSON:
        declared, manifest = _json_schema(self.plugin.manifest.config), self.plugin.manifest
        catalogue = text_in(manifest.catalogues, language, default=None)
        return cast(JSON, declared if catalogue is None else translated_schema(declared, catalogue.texts))

    @strawberry.field(description="In English where there is no translation.")
    def title(self, language: str = "en") -> str:
        return text_in(self.plugin.manifest.translations, language, default=self.plugin.manifest.title)

    @strawberry.field(
        description="What it reads, in words. Under its default configuration where the stored one is not valid."
    )
    def reads(self) -> list[str]:
        if (known := known_reads(self.setting, self.plugin)) is not None:
            return [*known.values()]
        try:
            config = validate_config(self.plugin, stored_config(self.plugin, self.setting))
        except InvalidConfigurationError:
            config = self.plugin.manifest.config()
        return [*reads(self.plugin, config).values()]

    @strawberry.field(
        description="How good it is by the kit's scale; null where it runs in a process of its own or is being tried yet, "
        "for some seconds after the first question."
    )
    def quality(self) -> Level | None:
        known = known_quality(self.plugin)
        return Level[known] if known else None

    @strawberry.field(description="How far it may be relied on.")
    def lifecycle(self) -> Lifecycle:
        return self.plugin.manifest.lifecycle

    @strawberry.field(description="Who answers for it; empty where nobody is named.")
    def owner(self) -> str:
        return self.plugin.manifest.owner

    @strawberry.field(description="SPDX expression; empty where none is named.")
    def licence(self) -> str:
        return self.plugin.manifest.licence

    @strawberry.field(description="Address of its documentation; empty where none is named.")
    def homepage(self) -> str:
        return self.plugin.manifest.homepage

    @cached_property
    def told(self) -> tuple[Any, str | None]:
        """The configuration and what is wrong with it; worked out where one of them is asked for."""
        return _told(self.plugin, self.setting, for_changers=self.for_changers)

    @classmethod
    def of(cls, plugin: Plugin, setting: PluginSetting | None, principal: Principal) -> Self:
        """The node of a plugin under the tenant's newest setting, as the principal may see it."""
        return cls(
            id=strawberry.ID(plugin.id),
            version=plugin.version,
            enabled=setting is not None and setting.enabled,
            configuration_version=setting.version if setting else 0,
            plugin=plugin,
            setting=setting,
            for_changers=principal.may(Permission.CONFIG_WRITE),
        )


@lru_cache(maxsize=256)
def _json_schema(config: type[PluginConfig]) -> Mapping[str, Any]:
    return config.model_json_schema()


def _told(plugin: Plugin, setting: PluginSetting | None, *, for_changers: bool) -> tuple[Any, str | None]:
    """The configuration and what is wrong with it."""
    try:
        config = validate_config(plugin, stored_config(plugin, setting))
        return config.model_dump(mode="json"), None
    except InvalidConfigurationError as error:
        if not for_changers:
            return {}, INVALID
        return without_secrets(_json_schema(plugin.manifest.config), setting.config if setting else {}), str(
            error
        )


def plugin_nodes(principal: Principal) -> list[PluginNode]:
    """All installed plugins by id, inside the tenant's scope."""
    settings = current_settings()
    return [
        PluginNode.of(plugin, settings.get(plugin.id), principal)
        for plugin in sorted(registry().plugins.values(), key=lambda plugin: plugin.id)
    ]
