"""The tenant itself and the plugins it may enable, in GraphQL."""

from typing import Any, Self, cast

import strawberry
from strawberry.scalars import JSON

from engage_server.plugin_host.activation import current_settings, validated
from engage_server.plugin_host.exceptions import InvalidConfigurationError
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import Plugin, registry
from engage_server.tenancy import models

TenantCadence = strawberry.enum(
    models.Tenant.Cadence, name="TenantCadence", description="How often the tenant's users are expected."
)


@strawberry.type(name="Tenant", description="The company whose data this is.")
class TenantNode:
    slug: str
    name: str
    timezone: str
    cadence: TenantCadence  # type: ignore[valid-type]

    @classmethod
    def of(cls, tenant: models.Tenant) -> Self:
        """The node of a tenant."""
        return cls(
            slug=tenant.slug,
            name=tenant.name,
            timezone=tenant.timezone,
            cadence=models.Tenant.Cadence(tenant.cadence),
        )


@strawberry.type(name="Plugin", description="An installed plugin as this tenant has it.")
class PluginNode:
    id: strawberry.ID
    version: str = strawberry.field(description="Version of the installed package.")
    enabled: bool
    config: JSON = strawberry.field(
        description="The configuration in force, defaults filled in; as stored, where there is a problem."
    )
    configuration_version: int = strawberry.field(description="0 where the tenant never set the plugin.")
    problem: str | None = strawberry.field(description="Why the stored configuration is not valid.")
    schema: JSON = strawberry.field(description="JSON Schema of the configuration, to draw a form from.")
    plugin: strawberry.Private[Plugin]

    @strawberry.field(description="In English where there is no translation.")
    def title(self, language: str = "en") -> str:
        return self.plugin.manifest.translations.get(language, self.plugin.manifest.title)

    @classmethod
    def of(cls, plugin: Plugin, setting: PluginSetting | None) -> Self:
        """The node of a plugin under the tenant's newest setting."""
        config: Any = setting.config if setting else {}
        problem = None
        try:
            config = validated(plugin, config).model_dump(mode="json")
        except InvalidConfigurationError as error:
            problem = str(error)
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


def plugin_nodes() -> list[PluginNode]:
    """All installed plugins by id, inside the tenant's scope."""
    settings = current_settings()
    return [
        PluginNode.of(plugin, settings.get(plugin.id))
        for plugin in sorted(registry().plugins.values(), key=lambda plugin: plugin.id)
    ]
