"""Walks a composed schema and writes operations for what it finds, so that no field can be forgotten."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from engage_server.access.principal import Permission
from engage_server.api.permissions import Requires, requirement

PLAIN = {
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "String": "x",
    "ID": "x",
    "JSON": {"days": 3},
    "Decimal": "1.00",
    "Date": "2026-03-31",
    "DateTime": "2026-03-31T00:00:00Z",
}
# A good value for each argument that must be given, by its name or its type.
SAMPLES = {
    "externalId": "mine",
    "first": 1,
    "from": "2026-03-01",
    "to": "2026-03-31",
    "accountId": "mine",
    "id": "mood.score",
    "metric": "mood.score",
    "plugin": "mood",
    "since": "2026-03-01",
    "config": {},
    "email": "grace@example.test",
    "role": "VIEWER",
}


@dataclass(frozen=True)
class Place:
    """A field on its path from the root, with the definitions on the way."""

    operation: str
    path: tuple[tuple[str, GraphQLField], ...]

    @property
    def label(self) -> str:
        return ".".join([self.operation, *(name for name, _ in self.path)])

    @property
    def last(self) -> GraphQLField:
        return self.path[-1][1]

    def below(self, name: str, definition: GraphQLField) -> "Place":
        return Place(self.operation, (*self.path, (name, definition)))


@dataclass
class Operation:
    """A document with its variables."""

    place: Place
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)

    selection: str = "__typename"

    def body(self, samples: dict[str, Any], **last: Any) -> dict[str, Any]:
        """The request: required arguments from the samples, those of the last field as given."""
        text = self._level(0, samples, last)
        head = f"({', '.join(self.declared)})" if self.declared else ""
        return {"query": f"{self.place.operation} {head} {{ {text} }}", "variables": self.variables}

    def _level(self, depth: int, samples: dict[str, Any], last: dict[str, Any]) -> str:
        name, definition = self.place.path[depth]
        is_last = depth == len(self.place.path) - 1
        given = {}
        for argument, declared in definition.args.items():
            within = {key[len(argument) + 1 :]: last[key] for key in last if key.startswith(f"{argument}.")}
            if is_last and argument in last:
                given[argument] = last[argument]
            elif is_required_argument(declared) or argument == "first" or (is_last and within):
                value = _sample(argument, declared, samples)
                given[argument] = {**value, **within} if is_last and within else value
        written = [self._argument(depth, argument, given[argument], definition) for argument in given]
        arguments = f"({', '.join(written)})" if written else ""
        if not is_last:
            return f"{name}{arguments} {{ {self._level(depth + 1, samples, last)} }}"
        return f"{name}{arguments}" + (f" {{ {self.selection} }}" if is_object(definition) else "")

    def _argument(self, depth: int, argument: str, value: Any, definition: GraphQLField) -> str:
        variable = f"v{depth}_{argument}"
        self.declared.append(f"${variable}: {definition.args[argument].type}")
        self.variables[variable] = value
        return f"{argument}: ${variable}"


def is_object(definition: GraphQLField) -> bool:
    return is_composite_type(get_named_type(definition.type))


def roots(schema: GraphQLSchema) -> Iterator[Place]:
    """Every field of Query and Mutation."""
    for operation, type_ in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for name, definition in type_.fields.items():
            yield Place(operation, ((name, definition),))


def places(schema: GraphQLSchema, *, depth: int = 3) -> Iterator[Place]:
    """Every field down to a depth, each type's once."""
    seen: set[tuple[str, str]] = set()
    frontier = list(roots(schema))
    for _ in range(depth):
        following: list[Place] = []
        for place in frontier:
            yield place
            type_ = get_named_type(place.last.type)
            if not isinstance(type_, GraphQLObjectType):
                continue
            for name, definition in type_.fields.items():
                if (type_.name, name) not in seen:
                    seen.add((type_.name, name))
                    following.append(place.below(name, definition))
        frontier = following


def reached_without(schema: GraphQLSchema, permission: Permission) -> dict[str, str]:
    """The object types that a principal without the permission comes to, each with a path that leads there."""
    found: dict[str, str] = {}
    frontier = list(roots(schema))
    while frontier:
        place = frontier.pop()
        requirements = [
            part.permission
            for part in place.last.extensions["strawberry-definition"].extensions
            if isinstance(part, Requires)
        ]
        type_ = get_named_type(place.last.type)
        if permission in requirements or type_.name in found:
            continue
        if is_object(place.last):
            found[type_.name] = place.label
            members = schema.get_possible_types(type_) if isinstance(type_, GraphQLUnionType) else [type_]
            frontier += [
                place.below(name, definition) for one in members for name, definition in one.fields.items()
            ]
    return found


def leaves(schema: GraphQLSchema, type_: Any, *, depth: int = 2) -> str:
    """A selection of all fields that need no argument, of the type, of what it holds, and of its pages' first nodes."""
    chosen = ["__typename"]
    if not isinstance(type_, GraphQLObjectType):
        # Of one type alone: fields of one name may have several types.
        one = schema.get_possible_types(type_)[0]
        return f"__typename ... on {one.name} {{ {leaves(schema, one, depth=depth)} }}"
    for name, definition in type_.fields.items():
        if any(is_required_argument(argument) for argument in definition.args.values()):
            continue
        below = get_named_type(definition.type)
        page = "(first: 1)" if "first" in definition.args else ""
        if not is_object(definition):
            chosen.append(name)
        elif name in {"edges", "node"} or depth > 0:
            step = depth if name in {"edges", "node"} else depth - 1
            chosen.append(f"{name}{page} {{ {leaves(schema, below, depth=step)} }}")
    return " ".join(chosen)


def id_arguments(place: Place) -> list[str]:
    """The arguments by which the field says which one; of a mutation's input its fields, as `input.id`."""
    found = []
    for name, argument in place.last.args.items():
        type_ = get_named_type(argument.type)
        if type_.name == "ID":
            found.append(name)
        elif name == "input" and isinstance(type_, GraphQLInputObjectType):
            found += [
                f"{name}.{inner}"
                for inner, field in type_.fields.items()
                if get_named_type(field.type).name == "ID"
            ]
    return found


def declared(place: Place) -> Requires | None:
    """What a root field says that it needs."""
    return requirement(place.path[0][1].extensions["strawberry-definition"])


def as_text(answer: Any, *ids: str) -> str:
    """An answer as text, without what may differ: the id that was asked for, quoted, and the cost."""
    payload = answer.json()
    payload.pop("extensions", None)
    text = json.dumps(payload)
    for id in ids:
        text = text.replace(repr(id), "'…'")
    return text


def _sample(name: str, declared: Any, samples: dict[str, Any]) -> Any:
    return samples[name] if name in samples else _any_of(declared.type, samples)


def _any_of(type_: Any, samples: dict[str, Any]) -> Any:
    """Some value of an input type; of its fields the samples where there are some."""
    if isinstance(type_, GraphQLNonNull):
        return _any_of(type_.of_type, samples)
    if isinstance(type_, GraphQLList):
        return [_any_of(type_.of_type, samples)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        return {
            name: samples[name] if name in samples else _any_of(field.type, samples)
            for name, field in type_.fields.items()
            if is_required_input_field(field)
        }
    return PLAIN[type_.name]
