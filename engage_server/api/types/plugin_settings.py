"""Mutations of the tenant's plugins: on, off, configuration."""

from typing import cast

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.tenant import PluginNode
from engage_server.operations import plugins
from engage_server.plugin_host.registry import registry


@strawberry.type
class PluginMutation:
    @strawberry.mutation(
        description="Put a plugin's fields into the schema and its runs into the schedule. One that reads what was not "
        "agreed to before needs `agree`; the error CONSENT_NEEDED says what it reads.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def enable_plugin(self, info: Info, id: strawberry.ID, agree: bool = False) -> PluginNode:
        setting = plugins.enable_plugin(info.context.tenant, id, agree=agree)
        return PluginNode.of(registry().get(id), setting, info.context.principal)

    @strawberry.mutation(
        description="Take a plugin out of schema and schedule; its values are kept.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def disable_plugin(self, info: Info, id: strawberry.ID) -> PluginNode:
        setting = plugins.disable_plugin(info.context.tenant, id)
        return PluginNode.of(registry().get(id), setting, info.context.principal)

    @strawberry.mutation(
        description="Change fields of a plugin's configuration (null: back to the default); history is restated.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def configure_plugin(self, info: Info, id: strawberry.ID, changes: JSON) -> PluginNode:
        fields = cast(object, changes)
        if not isinstance(fields, dict) or not fields:
            raise BadUserInputError("`changes` is no object with fields. Remedy: send {field: value}.")
        setting = plugins.configure_plugin(info.context.tenant, id, fields)
        return PluginNode.of(registry().get(id), setting, info.context.principal)
