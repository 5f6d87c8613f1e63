"""Builds the GraphQL schema of a set of plugins: the core's types, and the fields that each plugin contributes.

One function over data: nothing is registered by an import, no field is decided by the order of inheritance,
and whatever two owners both claim is refused with both names.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache
from typing import Any, Final

import strawberry
from graphql import GraphQLError
from graphql_compiled import CompiledExecutionContext
from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.execution import ExecutionContext
from strawberry.types.field import StrawberryField

from engage_server.access.principal import Permission
from engage_server.api.costs import field_costs, fields_of
from engage_server.api.derived.plugins import derived_fields
from engage_server.api.descriptions import describe
from engage_server.api.free_texts import FreeTexts
from engage_server.api.limits import QueryLimits
from engage_server.api.permissions import requirement, requires
from engage_server.api.types import mutation, query
from engage_server.api.types.accounts import Account
from engage_server.api.types.features import Feature
from engage_server.api.types.mutation import Mutation
from engage_server.api.types.query import Query
from engage_server.api.types.subscription import Subscription
from engage_server.plugin_host.exceptions import BrokenPluginError, ClashError
from engage_server.plugin_host.loading import fault
from engage_server.plugin_host.registry import Plugin, registry
from engage_server.sdk import GraphQLContribution, derived_names

CORE: Final = "the core"
MOST_CACHED_SCHEMAS: Final = 64  # sets of plugins; a schema of all bundled ones takes 13 MB
ROOTS: Final = (Query, Mutation, Account, Feature)
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
        super().__init__(
            query=Query,
            mutation=Mutation,
            subscription=Subscription,
            types=types,
            extensions=[QueryLimits, FreeTexts],
            execution_context_class=CompiledExecutionContext,
        )
        describe(self._schema)
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
        fields = [*type_definition.fields, *self._contributed.get(type_definition.name, ())]
        return [_refusable(field) for field in fields] if type_definition.origin is Query else fields

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
    names = _Names()
    for plugin in plugins:
        names.admit(plugin)
    compose(plugins)


def unfit(plugins: Sequence[Plugin]) -> Mapping[str, str]:
    """Which of these plugins cannot be part of one schema with those before them, and why, by their ids.

    Plugins that write no GraphQL themselves are composed all at once. Where that fails, and for the others, each is composed
    by itself, and names are compared: in time linear in their number, but a tenth of a second each.
    """
    names = _Names()
    derived = [plugin for plugin in plugins if plugin.contribution in (None, GraphQLContribution())]
    try:
        names.admit_derived(derived)
        together = {plugin.id for plugin in derived}
    except (ClashError, BrokenPluginError):
        names, together = _Names(), set()
    reasons: dict[str, str] = {}
    for plugin in plugins:
        if plugin.id in together:
            continue
        try:
            _require_nullable_roots(plugin)
            names.admit(plugin)
        except (ClashError, BrokenPluginError) as error:
            reasons[plugin.id] = fault(plugin, "engage_graphql", str(error), "correct the contribution")
    return reasons


def _require_nullable_roots(plugin: Plugin) -> None:
    """Return where no root field that a plugin writes could make the whole answer null: each is nullable, or a list.

    Raises:
        BrokenPluginError: names the field.
    """
    query = plugin.contribution.query if plugin.contribution else None
    for field in _fields(plugin, query) if query is not None else ():
        if not isinstance(field.type, StrawberryOptional | StrawberryList):
            raise BrokenPluginError(
                f"{_named(plugin)} contributes the root field {field.python_name}, which is not nullable: where it "
                "has no value the whole answer is null. Remedy: annotate it with `| None`."
            )


class _Names:
    """Who owns which field of the composed types, and which type; grows plugin by plugin."""

    def __init__(self) -> None:
        """Those of the core."""
        self._core: Final = _types_of(compose([]))
        self._fields = _core_fields()
        self._types: dict[str, tuple[str, object]] = {}

    def admit(self, plugin: Plugin) -> None:
        """Add a plugin's names; none of them where one is taken.

        Raises:
            ClashError: a field or type has another owner; names both.
            BrokenPluginError: the plugin makes no schema even by itself.
        """
        fields = {(type_name, name) for type_name, name, _ in _named_fields(plugin)}
        for type_name, name in fields & self._fields.keys():
            raise _clash(f"field {type_name}.{name}", self._fields[type_name, name], _named(plugin))
        found = _types_of(_alone(plugin, self._core))
        types = {name: definition for name, definition in found.items() if name not in self._core}
        for name, definition in types.items():
            owner, other = self._types.get(name, ("", definition))
            if other is not definition:
                raise _clash(f"type {name}", owner, _named(plugin))
        self._fields.update(dict.fromkeys(fields, _named(plugin)))
        self._types.update({name: (_named(plugin), definition) for name, definition in types.items()})

    def admit_derived(self, plugins: Sequence[Plugin]) -> None:
        """Add the names of plugins whose GraphQL follows from their manifests, with one schema for all of them.

        Raises:
            ClashError, BrokenPluginError: not all of them fit; whose fault it is they tell each by itself.
        """
        found = _types_of(compose(plugins)) if plugins else {}
        for plugin in plugins:
            own = {(type_name, name) for type_name, name, _ in _named_fields(plugin)}
            self._fields.update(dict.fromkeys(own, _named(plugin)))
        for name, definition in found.items():
            if name not in self._core:
                self._types[name] = (_owner(name, plugins), definition)


def _owner(type_name: str, plugins: Sequence[Plugin]) -> str:
    """Whose derived type it is: the names of a plugin's types begin with its own."""
    owners = [plugin for plugin in plugins if type_name.startswith(derived_names.type_name(plugin.id))]
    return _named(max(owners, key=lambda plugin: len(plugin.id))) if owners else "a plugin"


def _core_fields() -> dict[tuple[str, str], str]:
    name_of = NameConverter().get_graphql_name
    parts = [(base.__name__, base) for base in ROOTS] + list(CORE_PARTS)
    return {
        (type_name, name_of(field)): CORE for type_name, part in parts for field in _definition(part).fields
    }


def _named_fields(plugin: Plugin) -> Iterator[tuple[str, str, StrawberryField]]:
    """The plugin's fields of the composed types, by type and name."""
    name_of = NameConverter().get_graphql_name
    for type_name, contribution in _contributions(plugin):
        for field in _fields(plugin, contribution):
            yield type_name, name_of(field), field


def _joined_fields(plugins: Sequence[Plugin]) -> Fields:
    joined: dict[str, list[StrawberryField]] = defaultdict(list)
    owners = _core_fields()
    for type_name, part in CORE_PARTS:
        joined[type_name] += _definition(part).fields
    for plugin in plugins:
        for type_name, name, field in _named_fields(plugin):
            if owners.get((type_name, name)) == _named(plugin):
                raise BrokenPluginError(
                    f"{_named(plugin)} contributes the field {type_name}.{name}, which follows from its metrics already. "
                    "Remedy: leave it out, or give it another name."
                )
            if (type_name, name) in owners:
                raise _clash(f"field {type_name}.{name}", owners[type_name, name], _named(plugin))
            owners[type_name, name] = _named(plugin)
            joined[type_name].append(_guarded(field) if type_name == "Query" else field)
    return joined


def _guarded(field: StrawberryField) -> StrawberryField:
    """A plugin's root field, for who may read metrics of the whole tenant."""
    guarded = copy(field)
    guarded.extensions = [requires(Permission.METRICS_READ), *field.extensions]
    return guarded


def _refusable(field: StrawberryField) -> StrawberryField:
    """A root field; nullable where it needs more than most readers have, so that a refusal costs it and nothing else."""
    needed = requirement(field)
    if needed is None or needed.permission is Permission.METRICS_READ:
        return field
    made = copy(field)
    if not isinstance(made.type, StrawberryOptional):
        made.type = StrawberryOptional(made.type)
    return made


def _contributed_names(plugin: Plugin) -> list[str]:
    return [name for _, name, _ in _named_fields(plugin)]


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
    parts = [("Query", derived.query), ("Account", derived.account), ("Feature", derived.feature)]
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
