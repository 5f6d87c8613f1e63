"""Cuts the schema of some plugins out of the schema of all: what both have is the same objects.

A composed schema takes megabytes and seconds. Sets of plugins differ in a few fields of a few types, and in what those
lead to; so the whole is composed once, and each set makes only the types anew from which a type that differs is reached.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, TypeVar

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

Hidden = Mapping[str, Collection[str]]
"""By type, the fields that a set of plugins does not have."""
Named = TypeVar("Named", bound=GraphQLNamedType)


def leading_to(schema: GraphQLSchema, targets: Collection[str]) -> frozenset[str]:
    """The names of these types, and of all that mention one of them, however far down."""
    mentioned_by: dict[str, list[str]] = {}
    for type_ in schema.type_map.values():
        for name in _mentioned(type_):
            mentioned_by.setdefault(name, []).append(type_.name)
    found, left = set(targets), list(targets)
    while left:
        for name in mentioned_by.get(left.pop(), ()):
            if name not in found:
                found.add(name)
                left.append(name)
    return frozenset(found)


def cut(
    whole: GraphQLSchema, hidden: Hidden, *, leading: frozenset[str], types: Collection[GraphQLNamedType] = ()
) -> GraphQLSchema:
    """The schema without some fields, and without the types to which nothing leads any more.

    Args:
        whole: a valid schema, which stays as it is. What is left must be valid, too: no type may lose all its fields.
        hidden: the fields to leave out; of object types alone.
        leading: ``leading_to`` the types that sets of plugins differ in.
        types: of the whole, to be kept where no field leads to them.
    """
    made = _Made(hidden, leading)
    return GraphQLSchema(
        query=None if whole.query_type is None else made.named(whole.query_type),
        mutation=None if whole.mutation_type is None else made.named(whole.mutation_type),
        subscription=None if whole.subscription_type is None else made.named(whole.subscription_type),
        types=[made.named(type_) for type_ in types],
        directives=whole.directives,
        description=whole.description,
        extensions=dict(whole.extensions),
        assume_valid=True,
    )


class _Made:
    """The types of one cut: those that lead to a difference made once each, all others as they are."""

    def __init__(self, hidden: Hidden, leading: frozenset[str]) -> None:
        self._hidden: Final = hidden
        self._leading: Final = leading
        self._named: Final[dict[str, Any]] = {}

    def named(self, type_: Named) -> Named:
        """The type in this schema."""
        if type_.name not in self._leading:
            return type_
        found: Named | None = self._named.get(type_.name)
        if found is None:
            found = self._named[type_.name] = self._made(type_)
        return found

    def _made(self, type_: Any) -> Any:
        # What types consist of is a function: they lead to each other in circles.
        said = {"name": type_.name, "description": type_.description, "extensions": type_.extensions}
        if isinstance(type_, GraphQLUnionType):
            resolve = (
                type_.resolve_type
            )  # Strawberry's looks for the class's type among those of the union that it made
            return GraphQLUnionType(
                types=lambda: [self.named(member) for member in type_.types],
                resolve_type=None if resolve is None else lambda value, info, _: resolve(value, info, type_),
                **said,
            )
        said["interfaces"] = lambda: [self.named(interface) for interface in type_.interfaces]
        if isinstance(type_, GraphQLInterfaceType):
            return GraphQLInterfaceType(
                fields=lambda: self._fields(type_), resolve_type=type_.resolve_type, **said
            )
        return GraphQLObjectType(fields=lambda: self._fields(type_), is_type_of=type_.is_type_of, **said)

    def _fields(self, type_: GraphQLObjectType | GraphQLInterfaceType) -> dict[str, GraphQLField]:
        hidden = self._hidden.get(type_.name, ())
        return {name: self._field(field) for name, field in type_.fields.items() if name not in hidden}

    def _field(self, field: GraphQLField) -> GraphQLField:
        if get_named_type(field.type).name not in self._leading:
            return field
        made = GraphQLField(
            self._type(field.type),
            resolve=field.resolve,
            subscribe=field.subscribe,
            description=field.description,
            deprecation_reason=field.deprecation_reason,
            extensions=field.extensions,
        )
        made.args = field.args  # the constructor would copy them; no input leads to a type of answers
        return made

    def _type(self, type_: Any) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return GraphQLNonNull(self._type(type_.of_type))
        if isinstance(type_, GraphQLList):
            return GraphQLList(self._type(type_.of_type))
        return self.named(type_)


def _mentioned(type_: GraphQLNamedType) -> Iterator[str]:
    if isinstance(type_, GraphQLUnionType):
        yield from (member.name for member in type_.types)
    elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield from (interface.name for interface in type_.interfaces)
        yield from (get_named_type(field.type).name for field in type_.fields.values())
