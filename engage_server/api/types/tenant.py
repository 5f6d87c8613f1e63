"""The tenant itself and the plugins it may enable, in GraphQL."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Self, cast

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission, Principal
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.masking import without_names
from engage_server.api.permissions import requires
from engage_server.api.types.subjects import plain
from engage_server.engine import tenant_changes
from engage_server.plugin_host.activation import current_settings, validated
from engage_server.plugin_host.exceptions import InvalidConfigurationError
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import Plugin, registry
from engage_server.tenancy import models
from engage_server.tenancy.domains import domains_of
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.services import find_tenant

TenantCadence = strawberry.enum(
    models.Tenant.Cadence, name="TenantCadence", description="How often the tenant's users are expected."
)
INVALID: Final = "The stored configuration is not valid. Remedy: somebody with `config:write` changes it."


@strawberry.type(name="Tenant", description="The company whose data this is.")
class TenantNode:
    slug: str
    name: str
    timezone: str
    cadence: TenantCadence  # type: ignore[valid-type]
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
            cadence=models.Tenant.Cadence(tenant.cadence),
            id=tenant.pk,
        )


@strawberry.type
class TenantMutation:
    @strawberry.mutation(
        description="Change what is given. Another time zone moves the days: every stored value is restated.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_tenant(
        self,
        info: Info,
        name: str | None = None,
        timezone: str | None = None,
        cadence: TenantCadence | None = None,  # type: ignore[valid-type]
    ) -> TenantNode:
        with refused_as_input():
            changed = tenant_changes.change_tenant(
                info.context.tenant.slug,
                name=plain(name or ""),
                timezone=plain(timezone or ""),
                cadence=str(cadence or ""),
            )
        return TenantNode.of(changed)

    @strawberry.mutation(
        description="Serve the tenant under one more host name; its DNS is yours to set.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def add_domain(self, info: Info, domain: str, primary: bool = False) -> TenantNode:
        with refused_as_input():
            tenant_changes.add_domain(info.context.tenant.slug, plain(domain), primary=primary)
        return TenantNode.of(find_tenant(info.context.tenant.slug))

    @strawberry.mutation(
        description="Serve the tenant under this host name no longer; not the last one.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def remove_domain(self, info: Info, domain: str) -> TenantNode:
        with refused_as_input():
            tenant_changes.remove_domain(info.context.tenant.slug, plain(domain))
        return TenantNode.of(find_tenant(info.context.tenant.slug))


@contextmanager
def refused_as_input() -> Iterator[None]:
    """What a tenant cannot become is the caller's input to mend."""
    try:
        yield
    except InvalidTenantError as error:
        raise BadUserInputError(str(error)) from None


@strawberry.type(name="Plugin", description="An installed plugin as this tenant has it.")
class PluginNode:
    id: strawberry.ID
    version: str = strawberry.field(description="Version of the installed package.")
    enabled: bool
    config: JSON = strawberry.field(
        description="The configuration in force, defaults filled in. Where there is a problem: as stored, without what the "
        "plugin does not know or keeps secret, for those alone who may change it. Persons are named with `personal:read`."
    )
    configuration_version: int = strawberry.field(description="0 where the tenant never set the plugin.")
    problem: str | None = strawberry.field(
        description="Why the stored configuration is not valid; without reasons for those who may not change it."
    )
    schema: JSON = strawberry.field(description="JSON Schema of the configuration, to draw a form from.")
    plugin: strawberry.Private[Plugin]

    @strawberry.field(description="In English where there is no translation.")
    def title(self, language: str = "en") -> str:
        return self.plugin.manifest.translations.get(language, self.plugin.manifest.title)

    @classmethod
    def of(cls, plugin: Plugin, setting: PluginSetting | None, principal: Principal) -> Self:
        """The node of a plugin under the tenant's newest setting, as the principal may see it."""
        config, problem = _told(plugin, setting.config if setting else {}, principal)
        if not principal.may(Permission.PERSONAL_READ):
            config, problem = without_names([config, problem])
        return cls(
            id=strawberry.ID(plugin.id),
            version=plugin.version,
            enabled=setting is not None and setting.enabled,
            config=config,
            configuration_version=setting.version if setting else 0,
            problem=problem,
            schema=cast(JSON, plugin.manifest.config.model_json_schema()),
            plugin=plugin,
        )


def _told(plugin: Plugin, stored: Mapping[str, Any], principal: Principal) -> tuple[Any, str | None]:
    """The configuration and what is wrong with it."""
    try:
        return validated(plugin, stored).model_dump(mode="json"), None
    except InvalidConfigurationError as error:
        if not principal.may(Permission.CONFIG_WRITE):
            return {}, INVALID
        # What was never validated has no form in which secrets are left out.
        fields = plugin.manifest.config.model_json_schema().get("properties", {})
        shown = {name for name, field in fields.items() if not _holds_secrets(field)}
        return {name: value if name in shown else None for name, value in stored.items()}, str(error)


def _holds_secrets(field: Any) -> bool:
    if isinstance(field, Mapping):
        return field.get("writeOnly") is True or any(map(_holds_secrets, field.values()))
    # What stands elsewhere in the schema is not followed: rather too little is shown.
    return any(map(_holds_secrets, field)) if isinstance(field, list) else str(field).startswith("#/$defs/")


def plugin_nodes(principal: Principal) -> list[PluginNode]:
    """All installed plugins by id, inside the tenant's scope."""
    settings = current_settings()
    return [
        PluginNode.of(plugin, settings.get(plugin.id), principal)
        for plugin in sorted(registry().plugins.values(), key=lambda plugin: plugin.id)
    ]
