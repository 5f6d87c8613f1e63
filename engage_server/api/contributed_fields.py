"""The fields that plugins add to the composed types, and whose each is: what follows from manifests, and what is written."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, Final

import strawberry
from strawberry.schema.name_converter import NameConverter
from strawberry.schema_directive import Location
from strawberry.types.base import StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.field import StrawberryField

from engage_server.access.principal import Permission
from engage_server.api.derived.plugins import derived_fields
from engage_server.api.permissions import requires
from engage_server.api.types import mutation, query
from engage_server.api.types.accounts import Account
from engage_server.api.types.features import Feature
from engage_server.api.types.mutation import Mutation
from engage_server.api.types.query import Query
from engage_server.plugin_host.exceptions import BrokenPluginError, ClashError
from engage_server.plugin_host.registry import Plugin

CORE: Final = "the core"
ROOTS: Final = (Query, Mutation, Account, Feature)
CORE_PARTS: Final = (
    *(("Query", part) for part in query.PARTS),
    *(("Mutation", part) for part in mutation.PARTS),
)
Fields = Mapping[str, Sequence[StrawberryField]]


@strawberry.schema_directive(
    name="semanticNonNull",
    locations=[Location.FIELD_DEFINITION],
    description="Null stands for an error alone, which names the field in its path; without one the field is never null.",
)
class SemanticNonNull:
    """The mark of the nullability proposal, by which clients type such fields as if they were not nullable."""

    levels: list[int] = strawberry.directive_field(name="levels", default=(0,))


def core_fields() -> dict[tuple[str, str], str]:
    """The core's own fields of the composed types, by type and name, with the core as their owner."""
    name_of = NameConverter().get_graphql_name
    parts = [(base.__name__, base) for base in ROOTS] + list(CORE_PARTS)
    return {
        (type_name, name_of(field)): CORE for type_name, part in parts for field in _definition(part).fields
    }


def named_fields(plugin: Plugin) -> Iterator[tuple[str, str, StrawberryField]]:
    """The plugin's fields of the composed types, by type and name."""
    name_of = NameConverter().get_graphql_name
    for type_name, contribution in _contributions(plugin):
        for field in fields_of_part(plugin, contribution):
            yield type_name, name_of(field), field


def joined_fields(plugins: Sequence[Plugin]) -> Fields:
    """What joins the fields that the composed types have themselves, by type.

    Raises:
        ClashError: a field has two owners; names both.
        BrokenPluginError: a plugin writes what follows from its metrics, or no field at all.
    """
    joined: dict[str, list[StrawberryField]] = defaultdict(list)
    owners = core_fields()
    for type_name, part in CORE_PARTS:
        joined[type_name] += _definition(part).fields
    for plugin in plugins:
        for type_name, name, field in named_fields(plugin):
            if owners.get((type_name, name)) == named(plugin):
                raise BrokenPluginError(
                    f"{named(plugin)} contributes the field {type_name}.{name}, which follows from its metrics already. "
                    "Remedy: leave it out, or give it another name."
                )
            if (type_name, name) in owners:
                raise clash(f"field {type_name}.{name}", owners[type_name, name], named(plugin))
            owners[type_name, name] = named(plugin)
            joined[type_name].append(_guarded(field) if type_name == "Query" else field)
    return joined


def _guarded(field: StrawberryField) -> StrawberryField:
    """A plugin's root field, for who may read metrics of the whole tenant."""
    guarded = copy(field)
    guarded.extensions = [requires(Permission.METRICS_READ), *field.extensions]
    return guarded


def refusable(field: StrawberryField) -> StrawberryField:
    """A root field; nullable, so that one which is refused or fails costs itself and nothing else."""
    if isinstance(field.type, StrawberryOptional):
        return field
    made = copy(field)
    made.type = StrawberryOptional(made.type)
    made.directives = [*field.directives, SemanticNonNull()]
    return made


def _contributions(plugin: Plugin) -> list[tuple[str, type]]:
    """What follows from the manifest, and what the plugin writes itself."""
    derived, written = derived_fields(plugin.manifest), plugin.contribution
    parts = [("Query", derived.query), ("Account", derived.account), ("Feature", derived.feature)]
    if written is not None:
        parts += [("Query", written.query), ("Account", written.account)]
    return [(name, part) for name, part in parts if part is not None]


def fields_of_part(plugin: Plugin, contribution: type) -> list[StrawberryField]:
    """The fields of a class that a plugin contributes.

    Raises:
        BrokenPluginError: it is no GraphQL type, or a field has no resolver.
    """
    definition = getattr(contribution, "__strawberry_definition__", None)
    if not isinstance(definition, StrawberryObjectDefinition):
        raise BrokenPluginError(
            f"{named(plugin)} contributes {contribution.__name__}, which is no GraphQL type. "
            "Remedy: decorate it with @strawberry.type."
        )
    for field in definition.fields:
        if field.base_resolver is None:
            raise BrokenPluginError(
                f"{named(plugin)} contributes the field {contribution.__name__}.{field.python_name} without a "
                "resolver, so nothing would ever fill it. Remedy: make it a method under @strawberry.field."
            )
    return definition.fields


def _definition(type_: Any) -> StrawberryObjectDefinition:
    definition: StrawberryObjectDefinition = type_.__strawberry_definition__
    return definition


def named(plugin: Plugin) -> str:
    """What errors call the plugin."""
    return f"the plugin {plugin.id!r}"


def clash(what: str, owner: str, other: str) -> ClashError:
    """The error that a field or type has two owners."""
    return ClashError(
        f"The GraphQL {what} has two owners: {owner} and {other}. "
        "Remedy: begin the name with the plugin's, or uninstall one of them."
    )
