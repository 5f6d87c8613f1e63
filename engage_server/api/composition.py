"""Builds the GraphQL schema of a set of plugins: the core's types, and the fields that each plugin contributes.

One function over data: nothing is registered by an import, no field is decided by the order of inheritance,
and whatever two owners both claim is refused with both names. The schema of all installed plugins is composed once in a
process; those of the sets that tenants have are cut out of it, and share what they have in common.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from functools import lru_cache
from threading import Lock
from typing import Any, Final, Self

import strawberry
from graphql import GraphQLError, get_named_type
from graphql_compiled import CompiledExecutionContext
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.execution import ExecutionContext
from strawberry.types.field import StrawberryField

from engage_server.api.contributed_fields import (
    CORE,
    ROOTS,
    Fields,
    clash,
    core_fields,
    fields_of_part,
    joined_fields,
    named,
    named_fields,
    refusable,
)
from engage_server.api.costs import FieldCosts, field_costs, fields_of
from engage_server.api.derived.plugins import derived_fields
from engage_server.api.descriptions import describe
from engage_server.api.free_texts import FreeTexts
from engage_server.api.limits import QueryLimits
from engage_server.api.schema_cut import cut, leading_to
from engage_server.api.types.mutation import Mutation
from engage_server.api.types.query import Query
from engage_server.api.types.subscription import Subscription
from engage_server.plugin_host.exceptions import BrokenPluginError, ClashError
from engage_server.plugin_host.loading import fault
from engage_server.plugin_host.registry import Plugin, registry
from engage_server.sdk import GraphQLContribution, derived_names

# Sets of plugins. The schema of all bundled ones takes 13 MB, that of a set which is cut out of it 1 MB at most.
MOST_CACHED_SCHEMAS: Final = 128
VARIED: Final = frozenset({"Query", "Account", "Feature"})  # the types to which plugins add fields


class ComposedSchema(strawberry.Schema):
    """The core's schema with contributed fields joined to the types named in ``contributed``."""

    def __init__(self, contributed: Fields, plugins: Sequence[Plugin]) -> None:
        # Set first: the parent's constructor asks get_fields.
        self._contributed = contributed
        self._plugins = plugins
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
        self.costs = _costs(self, plugins)
        self._leading = leading_to(self._schema, VARIED)

    def of(self, plugins: Sequence[Plugin]) -> Self:
        """The schema of some of its plugins, which shares with it what both have."""
        kept = {plugin.id for plugin in plugins}
        hidden: dict[str, set[str]] = defaultdict(set)
        for plugin in self._plugins:
            for type_name, name, _ in named_fields(plugin) if plugin.id not in kept else ():
                hidden[type_name].add(name)
        # What Strawberry keeps beside the schema is the same for all: how its classes were converted.
        made = copy(self)
        made._plugins = plugins
        made._schema = cut(self._schema, hidden, leading=self._leading, types=self._announced(plugins))
        made._schema.extensions[GraphQLCoreConverter.DEFINITION_BACKREF] = made
        made._schema._strawberry_schema = made  # type: ignore[attr-defined]  # as Strawberry sets it
        made.costs = _costs(made, plugins)
        return made

    def _announced(self, plugins: Sequence[Plugin]) -> list[Any]:
        """The types that plugins name because no field leads to them."""
        types = [type_ for plugin in plugins if plugin.contribution for type_ in plugin.contribution.types]
        convert = self.schema_converter.from_maybe_optional
        return [get_named_type(convert(StrawberryAnnotation(type_).resolve())) for type_ in types]

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """The type's own fields and those that plugins add to it."""
        if type_definition.origin not in ROOTS:
            return type_definition.fields
        fields = [*type_definition.fields, *self._contributed.get(type_definition.name, ())]
        return (
            [refusable(field) for field in fields] if type_definition.origin in (Query, Mutation) else fields
        )

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: the API logs what is its own fault, once, with the reference that the client gets."""


@lru_cache(maxsize=MOST_CACHED_SCHEMAS)
def schema_for(plugin_ids: frozenset[str]) -> ComposedSchema:
    """The schema of a set of installed plugins; made once per set and process.

    Raises:
        UnknownPluginError, ClashError, BrokenPluginError: the set has no schema; nothing is cached.
    """
    installed = registry()
    plugins = [installed.get(plugin_id) for plugin_id in sorted(plugin_ids)]
    try:
        whole = _whole.of(list(installed.plugins.values()))
    except (ClashError, BrokenPluginError):
        # They do not fit together, and no start has found it out: the sets without the one whose fault it is do.
        return compose(plugins)
    return whole.of(plugins)


class _Whole:
    """The schema of all of some plugins, made when it is asked for and kept until it is asked for others."""

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._plugins: Sequence[Plugin] | None = None
        self._made: ComposedSchema | ClashError | BrokenPluginError | None = None

    def of(self, plugins: Sequence[Plugin]) -> ComposedSchema:
        """The schema; composed in the order of ids, as those of sets are.

        Raises:
            ClashError, BrokenPluginError: they make none; tried once.
        """
        plugins = sorted(plugins, key=lambda plugin: plugin.id)
        with self._lock:
            if self._made is None or self._plugins is None or not _are_same(plugins, self._plugins):
                try:
                    self._made = compose(plugins)
                except (ClashError, BrokenPluginError) as error:
                    self._made = error
                self._plugins = plugins
            if not isinstance(self._made, ComposedSchema):
                raise self._made
            return self._made


_whole: Final = _Whole()


def _are_same(some: Sequence[Plugin], others: Sequence[Plugin]) -> bool:
    """Whether these make the same types: they follow from the manifest, which is told apart by identity."""
    return len(some) == len(others) and all(
        one.manifest is other.manifest and one.contribution == other.contribution
        for one, other in zip(some, others, strict=True)
    )


def compose(plugins: Sequence[Plugin]) -> ComposedSchema:
    """A schema of the core and these plugins.

    Raises:
        ClashError: a field has two owners; names both.
        BrokenPluginError: a contribution cannot be part of any schema.
    """
    contributed = joined_fields(plugins)
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
    derived = [plugin for plugin in plugins if plugin.contribution in (None, GraphQLContribution())]
    if len(derived) == len(plugins) and _have_a_schema(plugins):
        return {}
    names = _Names()
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


def _have_a_schema(plugins: Sequence[Plugin]) -> bool:
    try:
        _whole.of(plugins)
    except (ClashError, BrokenPluginError):
        return False
    return True


def _require_nullable_roots(plugin: Plugin) -> None:
    """Return where no root field that a plugin writes could make the whole answer null: each is nullable, or a list.

    Raises:
        BrokenPluginError: names the field.
    """
    query = plugin.contribution.query if plugin.contribution else None
    for field in fields_of_part(plugin, query) if query is not None else ():
        if not isinstance(field.type, StrawberryOptional | StrawberryList):
            raise BrokenPluginError(
                f"{named(plugin)} contributes the root field {field.python_name}, which is not nullable: where it "
                "has no value the whole answer is null. Remedy: annotate it with `| None`."
            )


class _Names:
    """Who owns which field of the composed types, and which type; grows plugin by plugin."""

    def __init__(self) -> None:
        """Those of the core."""
        self._core: Final = _types_of(compose([]))
        self._fields = core_fields()
        self._types: dict[str, tuple[str, object]] = {}

    def admit(self, plugin: Plugin) -> None:
        """Add a plugin's names; none of them where one is taken.

        Raises:
            ClashError: a field or type has another owner; names both.
            BrokenPluginError: the plugin makes no schema even by itself.
        """
        fields = {(type_name, name) for type_name, name, _ in named_fields(plugin)}
        for type_name, name in fields & self._fields.keys():
            raise clash(f"field {type_name}.{name}", self._fields[type_name, name], named(plugin))
        found = _types_of(_alone(plugin, self._core))
        types = {name: definition for name, definition in found.items() if name not in self._core}
        for name, definition in types.items():
            owner, other = self._types.get(name, ("", definition))
            if other is not definition:
                raise clash(f"type {name}", owner, named(plugin))
        self._fields.update(dict.fromkeys(fields, named(plugin)))
        self._types.update({name: (named(plugin), definition) for name, definition in types.items()})

    def admit_derived(self, plugins: Sequence[Plugin]) -> None:
        """Add the names of plugins whose GraphQL follows from their manifests, with one schema for all of them.

        Raises:
            ClashError, BrokenPluginError: not all of them fit; whose fault it is they tell each by itself.
        """
        found = _types_of(_whole.of(plugins)) if plugins else {}
        for plugin in plugins:
            own = {(type_name, name) for type_name, name, _ in named_fields(plugin)}
            self._fields.update(dict.fromkeys(own, named(plugin)))
        for name, definition in found.items():
            if name not in self._core:
                self._types[name] = (_owner(name, plugins), definition)


def _owner(type_name: str, plugins: Sequence[Plugin]) -> str:
    """Whose derived type it is: the names of a plugin's types begin with its own."""
    owners = [plugin for plugin in plugins if type_name.startswith(derived_names.type_name(plugin.id))]
    return named(max(owners, key=lambda plugin: len(plugin.id))) if owners else "a plugin"


def _costs(schema: ComposedSchema, plugins: Sequence[Plugin]) -> FieldCosts:
    declared = [plugin.contribution.costs for plugin in plugins if plugin.contribution]
    listed = [name for plugin in plugins for _, name, _ in named_fields(plugin)]
    whole = {
        name: points for plugin in plugins for name, points in derived_fields(plugin.manifest).whole.items()
    }
    return field_costs(schema._schema, declared, listed=listed, whole=whole)


def _check_costs(plugins: Sequence[Plugin], schema: ComposedSchema) -> None:
    known = {name for name, _ in fields_of(schema._schema)}
    for plugin in plugins:
        costs = plugin.contribution.costs if plugin.contribution else {}
        for name, points in costs.items():
            if name not in known or points < 1:
                raise BrokenPluginError(
                    f"{named(plugin)} declares that {name!r} costs {points} points. "
                    "Remedy: name a field as it stands in the schema, and 1 point or more."
                )


def _alone(plugin: Plugin, core: Mapping[str, object]) -> ComposedSchema:
    try:
        return compose([plugin])
    except BrokenPluginError as error:
        # Strawberry says only that the name is taken, not whose it is.
        taken = next((name for name in core if f"Type {name} is defined multiple" in str(error)), None)
        if taken is None:
            raise
        raise clash(f"type {taken}", CORE, named(plugin)) from error


def _types_of(schema: ComposedSchema) -> dict[str, object]:
    return {name: found.definition for name, found in schema.schema_converter.type_map.items()}
