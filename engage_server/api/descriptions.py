"""Gives a description to whatever of a schema has none: what a name means is said once, for all its places.

Fields that are declared say it themselves, metrics from their cards. The rest (``first``, ``version``, values of
enumerations) means the same wherever it stands; ``descriptions.toml`` has the words.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

FILE: Final = Path(__file__).with_suffix(".toml")
# An enumeration that says of each of its values what it means: "LOW: unusually low. FEW: …"
SAID: Final = re.compile(
    r"(?:^|(?<=[.;] ))([A-Z][A-Z_]+(?: and [A-Z][A-Z_]+)?): (.+?)(?=\. [A-Z][A-Z_]+\b|$)"
)
Words = Mapping[str, str]


def describe(schema: GraphQLSchema) -> None:
    """Fill in what is missing, in place."""
    words = _words()
    for type_ in schema.type_map.values():
        if type_.name.startswith("__"):
            continue
        if not type_.description:
            type_.description = _type_words(type_, words)
        if isinstance(type_, GraphQLEnumType):
            said = dict(_said_of_values(type_.description or ""))
            for name, value in type_.values.items():
                value.description = (
                    value.description or said.get(name) or _found(words["values"], name, [type_.name])
                )
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            owners = [type_.name, *(one.name for one in getattr(type_, "interfaces", ()))]
            for name, field in type_.fields.items():
                field.description = field.description or _found(words["fields"], name, owners)
                _describe_arguments(field, words["arguments"])


def undescribed(schema: GraphQLSchema) -> list[str]:
    """The places of a schema of which nothing is said, by path."""
    return [path for path, description in _places(schema) if not description]


def _describe_arguments(field: Any, words: Words) -> None:
    for name, argument in getattr(field, "args", {}).items():
        asked = get_named_type(argument.type).name
        argument.description = argument.description or _found(words, name, [asked])


def _places(schema: GraphQLSchema) -> Iterable[tuple[str, str | None]]:
    for type_ in schema.type_map.values():
        if type_.name.startswith("__"):
            continue
        yield type_.name, type_.description
        members: Mapping[str, Any] = getattr(type_, "values", None) or getattr(type_, "fields", None) or {}
        for name, member in members.items():
            yield f"{type_.name}.{name}", member.description
            for argument, declared in getattr(member, "args", {}).items():
                yield f"{type_.name}.{name}({argument}:)", declared.description


def _type_words(type_: GraphQLNamedType, words: Mapping[str, Words]) -> str | None:
    own = words["types"].get(type_.name)
    if own is None and isinstance(type_, GraphQLEnumType):
        return "One of: " + ", ".join(type_.values) + "."
    return own


def _found(words: Words, name: str, owners: Iterable[str]) -> str | None:
    own = (words[key] for owner in owners if (key := f"{owner}.{name}") in words)
    return next(own, words.get(name))


def _said_of_values(text: str) -> Iterable[tuple[str, str]]:
    for names, meaning in SAID.findall(text):
        sentence = meaning.rstrip(".")
        for name in names.split(" and "):
            yield name, f"{sentence[0].upper()}{sentence[1:]}."


@cache
def _words() -> Mapping[str, Words]:
    return tomllib.loads(FILE.read_text("utf-8"))
