"""Mutations of the tenant's plugins: on, off, configuration."""

from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.subjects import plain
from engage_server.api.types.tenant import PluginNode
from engage_server.api.types.what_if import WhatIf, refused_what_if, what_if_node
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out
from engage_server.operations import plugins
from engage_server.operations.configuration_effects import effects_of
from engage_server.operations.writes import Facts
from engage_server.plugin_host.activation import active_ids, current_settings
from engage_server.plugin_host.registry import registry


@strawberry.input(description="What changes of a plugin's configuration.")
class ConfigurePluginInput(WriteInput):
    plugin: strawberry.ID
    changes: JSON = strawberry.field(
        description="An object with the fields that change, as `plugins { schema }` describes them; null returns a field "
        "to its default."
    )
    expected_version: int | None = strawberry.field(
        default=None,
        description="`configurationVersion` as it was read; where it has another by now, that is a CONFLICT.",
    )


@strawberry.input(description="A plugin that is switched on.")
class EnablePluginInput(WriteInput):
    plugin: strawberry.ID
    agree: bool = strawberry.field(
        default=False,
        description="To what it reads and was not agreed to before; the error CONSENT_NEEDED says it.",
    )


@strawberry.input(description="The plugin that is meant.")
class PluginInput(WriteInput):
    plugin: strawberry.ID


@strawberry.type(description="The plugin that was switched on or off.")
class PluginPayload(WritePayload):
    @strawberry.field(description="As it is now; of a dry run as it was.")
    def plugin(self, info: Info) -> PluginNode:
        id = str(self.written.facts["plugin"])
        return PluginNode.of(registry().get(id), current_settings().get(id), info.context.principal)


@strawberry.type(description="The plugin as it is configured now.")
class ConfigurationPayload(PluginPayload):
    changes: strawberry.Private[dict[str, Any]]

    @strawberry.field(
        description="The values of its newest day as they are stored, and as they are under the changes; null where "
        "nothing is stored, or the plugin is not enabled."
    )
    def effects(self) -> WhatIf | None:
        id = str(self.written.facts["plugin"])
        if id not in active_ids():
            return None
        with refused_what_if():
            found = effects_of(id, self.changes)
        return None if found is None else what_if_node(found)


@strawberry.type(description="The plugin that may run again.")
class ResetPluginPayload(PluginPayload):
    @strawberry.field(description="Runs that need not wait any longer.")
    def released(self) -> int:
        return self.number("released")


@strawberry.type
class PluginMutation:
    @strawberry.mutation(
        description="Put a plugin's fields into the schema and its runs into the schedule. One that reads what was not "
        "agreed to before needs `agree`; the error CONSENT_NEEDED says what it reads.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def enable_plugin(self, info: Info, input: EnablePluginInput) -> PluginPayload:
        def change() -> Facts:
            return {
                "plugin": plugins.enable_plugin(
                    info.context.tenant, plain(input.plugin), agree=input.agree
                ).plugin
            }

        return PluginPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Take a plugin out of schema and schedule; its values are kept.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def disable_plugin(self, info: Info, input: PluginInput) -> PluginPayload:
        def change() -> Facts:
            return {"plugin": plugins.disable_plugin(info.context.tenant, plain(input.plugin)).plugin}

        return PluginPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Forget the failures after which a plugin rests, and let the runs that wait for it start.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def reset_plugin(self, info: Info, input: PluginInput) -> ResetPluginPayload:
        def change() -> Facts:
            plugin = plain(input.plugin)
            return {"plugin": plugin, "released": plugins.reset_plugin(info.context.tenant, plugin)}

        return ResetPluginPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Change fields of a plugin's configuration; history is restated. A dry run with `effects` says "
        "beforehand whose newest value would change, and how.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def configure_plugin(self, info: Info, input: ConfigurePluginInput) -> ConfigurationPayload:
        fields = _object(input.changes)

        def change() -> Facts:
            setting = plugins.configure_plugin(
                info.context.tenant, input.plugin, fields, expected_version=input.expected_version
            )
            return {"plugin": setting.plugin}

        return ConfigurationPayload(changes=fields, **carry_out(info, input, change))


def _object(changes: JSON) -> dict[str, Any]:
    fields = cast(object, changes)
    if not isinstance(fields, dict) or not fields:
        raise BadUserInputError("`changes` is no object with fields. Remedy: send {field: value}.")
    return fields
