"""Builds the GraphQL schema of a set of plugins: the core's types, and the fields that each plugin contributes.

One function over data: nothing is registered by an import, no field is decided by the order of inheritance,
and whatever two owners both claim is refused with both names.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from functools import lru_cache
from typing import Any, Final

import strawberry
from graphql import GraphQLError
from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.execution import ExecutionContext
from strawberry.types.field import StrawberryField

from engage_server.access.principal import Permission
from engage_server.api.costs import field_costs, fields_of
from engage_server.api.derived.plugins import derived_fields
from engage_server.api.free_texts import FreeTexts
from engage_server.api.limits import QueryLimits
from engage_server.api.permissions import requires
from engage_server.api.types import mutation, query
from engage_server.api.types.accounts import Account
from engage_server.api.types.mutation import Mutation
from engage_server.api.types.query import Query
from engage_server.plugin_host.exceptions import BrokenPluginError, ClashError
from engage_server.plugin_host.loading import fault
from engage_server.plugin_host.registry import Plugin, registry

CORE: Final = "the core"
MOST_CACHED_SCHEMAS: Final = 64  # sets of plugins; a schema takes about 2 MB
ROOTS: Final = (Query, Mutation, Account)
CORE_PARTS: Final = (
    *(("Query", part) for part in query.PARTS),
    *(("Mutation", part) for part in mutation.PARTS),
)
Fields = Mapping[str, Sequence[StrawberryField]]


class ComposedSchema(strawberry.Schema):
    """The core's schema with contributed fields joined to the types named in ``contributed``."""

    def __init__(self, contributed: Fields, plugins: Sequence[Plugin]) -> None:
        # Set first: the parent's constructor asks get_fields.
        self._contributed = contributed
        parts = [plugin.contribution for plugin in plugins if plugin.contribution]
        types = [type_ for part in parts for type_ in part.types]
        super().__init__(query=Query, mutation=Mutation, types=types, extensions=[QueryLimits, FreeTexts])
        names = [name for plugin in plugins for name in _contributed_names(plugin)]
        whole = {
            name: points
            for plugin in plugins
            for name, points in derived_fields(plugin.manifest).whole.items()
        }
        self.costs = field_costs(self._schema, [part.costs for part in parts], listed=names, whole=whole)

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """The type's own fields and those that plugins add to it."""
        if type_definition.origin not in ROOTS:
            return type_definition.fields
        return [*type_definition.fields, *self._contributed.get(type_definition.name, ())]

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: the API logs what is its own fault, once, with the reference that the client gets."""


@lru_cache(maxsize=MOST_CACHED_SCHEMAS)
def schema_for(plugin_ids: frozenset[str]) -> ComposedSchema:
    """The schema of a set of installed plugins; built once per set and process.

    Raises:
        UnknownPluginError, ClashError, BrokenPluginError: the set has no schema; nothing is cached.
    """
    return compose([registry().get(plugin_id) for plugin_id in sorted(plugin_ids)])


def compose(plugins: Sequence[Plugin]) -> ComposedSchema:
    """A schema of the core and these plugins.

    Raises:
        ClashError: a field has two owners; names both.
        BrokenPluginError: a contribution cannot be part of any schema.
    """
    contributed = _joined_fields(plugins)
    try:
        schema = ComposedSchema(contributed, plugins)
    except Exception as error:  # foreign types fail in ways of their own; all mean that there is no schema
        owners = ", ".join(plugin.id for plugin in plugins) or "none"
        raise BrokenPluginError(
            f"The GraphQL types of these plugins make no schema: {owners}. {type(error).__name__}: {error} "
            "Remedy: `manage.py check` says whose they are; correct the contribution or disable the plugin."
        ) from error
    _check_costs(plugins, schema)
    return schema


def verify(plugins: Sequence[Plugin]) -> None:
    """Check that any subset of these plugins has a schema: each by itself, and all names against each other.

    Raises:
        ClashError: a field or type has two owners; names both.
        BrokenPluginError: a plugin's contribution makes no schema even by itself.
    """
    _joined_fields(plugins)
    core = _types_of(compose([]))
    owners: dict[str, tuple[str, object]] = {}
    for plugin in plugins:
        for name, definition in _types_of(_alone(plugin, core)).items():
            if name in core:
                continue
            owner, other = owners.setdefault(name, (_named(plugin), definition))
            if other is not definition:
                raise _clash(f"type {name}", owner, _named(plugin))
    compose(plugins)


def unfit(plugins: Sequence[Plugin]) -> Mapping[str, str]:
    """Which of these plugins cannot be part of one schema with those before them, and why, by their ids."""
    try:
        verify(plugins)
    except (ClashError, BrokenPluginError):
        return _unfit_one_by_one(plugins)
    return {}


def _unfit_one_by_one(plugins: Sequence[Plugin]) -> Mapping[str, str]:
    fit: list[Plugin] = []
    reasons: dict[str, str] = {}
    for plugin in plugins:
        try:
            verify([*fit, plugin])
        except (ClashError, BrokenPluginError) as error:
            reasons[plugin.id] = fault(plugin, "engage_graphql", str(error), "correct the contribution")
        else:
            fit.append(plugin)
    return reasons


def _joined_fields(plugins: Sequence[Plugin]) -> Fields:
    name_of = NameConverter().get_graphql_name
    joined: dict[str, list[StrawberryField]] = defaultdict(list)
    owners = {(base.__name__, name_of(field)): CORE for base in ROOTS for field in _definition(base).fields}
    for type_name, part in CORE_PARTS:
        for field in _definition(part).fields:
            owners[type_name, name_of(field)] = CORE
            joined[type_name].append(field)
    for plugin in plugins:
        for type_name, contribution in _contributions(plugin):
            for field in _fields(plugin, contribution):
                place = (type_name, name_of(field))
                if place in owners:
                    raise _clash(f"field {type_name}.{name_of(field)}", owners[place], _named(plugin))
                owners[place] = _named(plugin)
                joined[type_name].append(_guarded(field) if type_name == "Query" else field)
    return joined


def _guarded(field: StrawberryField) -> StrawberryField:
    """A plugin's root field, for who may read metrics of the whole tenant."""
    guarded = copy(field)
    guarded.extensions = [requires(Permission.METRICS_READ), *field.extensions]
    return guarded


def _contributed_names(plugin: Plugin) -> list[str]:
    name_of = NameConverter().get_graphql_name
    return [name_of(field) for _, part in _contributions(plugin) for field in _fields(plugin, part)]


def _check_costs(plugins: Sequence[Plugin], schema: ComposedSchema) -> None:
    known = {name for name, _ in fields_of(schema._schema)}
    for plugin in plugins:
        costs = plugin.contribution.costs if plugin.contribution else {}
        for name, points in costs.items():
            if name not in known or points < 1:
                raise BrokenPluginError(
                    f"{_named(plugin)} declares that {name!r} costs {points} points. "
                    "Remedy: name a field as it stands in the schema, and 1 point or more."
                )


def _contributions(plugin: Plugin) -> list[tuple[str, type]]:
    """What follows from the manifest, and what the plugin writes itself."""
    derived, written = derived_fields(plugin.manifest), plugin.contribution
    parts = [("Query", derived.query), ("Account", derived.account)]
    if written is not None:
        parts += [("Query", written.query), ("Account", written.account)]
    return [(name, part) for name, part in parts if part is not None]


def _fields(plugin: Plugin, contribution: type) -> list[StrawberryField]:
    definition = getattr(contribution, "__strawberry_definition__", None)
    if not isinstance(definition, StrawberryObjectDefinition):
        raise BrokenPluginError(
            f"{_named(plugin)} contributes {contribution.__name__}, which is no GraphQL type. "
            "Remedy: decorate it with @strawberry.type."
        )
    for field in definition.fields:
        if field.base_resolver is None:
            raise BrokenPluginError(
                f"{_named(plugin)} contributes the field {contribution.__name__}.{field.python_name} without a "
                "resolver, so nothing would ever fill it. Remedy: make it a method under @strawberry.field."
            )
    return definition.fields


def _alone(plugin: Plugin, core: Mapping[str, object]) -> ComposedSchema:
    try:
        return compose([plugin])
    except BrokenPluginError as error:
        # Strawberry says only that the name is taken, not whose it is.
        taken = next((name for name in core if f"Type {name} is defined multiple" in str(error)), None)
        if taken is None:
            raise
        raise _clash(f"type {taken}", CORE, _named(plugin)) from error


def _types_of(schema: ComposedSchema) -> dict[str, object]:
    return {name: found.definition for name, found in schema.schema_converter.type_map.items()}


def _definition(type_: Any) -> StrawberryObjectDefinition:
    definition: StrawberryObjectDefinition = type_.__strawberry_definition__
    return definition


def _named(plugin: Plugin) -> str:
    return f"the plugin {plugin.id!r}"


def _clash(what: str, owner: str, other: str) -> ClashError:
    return ClashError(
        f"The GraphQL {what} has two owners: {owner} and {other}. "
        "Remedy: begin the name with the plugin's, or uninstall one of them."
    )
