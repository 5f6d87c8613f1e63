"""The shape of a details class as plain data: names and kinds of its fields, and no class of Python's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, Self, get_args

Kind = Literal["int", "float", "decimal", "str", "bool", "date", "datetime", "enum", "object"]

FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
CLASS_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]*\Z")
MEMBER_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
DEEPEST: Final = 5


class DetailsError(Exception):
    """A details class, or an instance of one, cannot be kept; says field, cause and remedy."""


@dataclass(frozen=True, slots=True)
class DetailsField:
    """One field of a details class.

    Args:
        name: as in the class, in snake case.
        kind: of the field, or of its items where ``is_list``.
        description: for people; empty where the class says none.
        is_null: whether it may be null.
        is_list: whether it is a list of ``kind``.
        is_personal: whether it names or describes a person, and is masked where those are.
        enum_name: with the kind "enum", the name of the enumeration, and its ``values`` (names of the members).
        shape: with the kind "object", the class of the field.
    """

    name: str
    kind: Kind
    description: str = ""
    is_null: bool = False
    is_list: bool = False
    is_personal: bool = False
    enum_name: str = ""
    values: tuple[str, ...] = ()
    shape: "DetailsShape | None" = None


@dataclass(frozen=True)
class DetailsShape:
    """A details class as plain data: it crosses to another process as JSON, and knows no class."""

    name: str
    fields: tuple[DetailsField, ...]
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        """The shape as JSON, for ``from_json``."""
        return {
            "name": self.name,
            "description": self.description,
            "fields": [
                {
                    "name": field.name,
                    "kind": field.kind,
                    "description": field.description,
                    "is_null": field.is_null,
                    "is_list": field.is_list,
                    "is_personal": field.is_personal,
                    "enum_name": field.enum_name,
                    "values": list(field.values),
                    "shape": None if field.shape is None else field.shape.to_json(),
                }
                for field in self.fields
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The shape that ``to_json`` gave.

        Raises:
            DetailsError: it is none; says what is wrong.
        """
        try:
            made = cls(
                name=str(data["name"]),
                description=str(data.get("description", "")),
                fields=tuple(_field_from_json(field) for field in data["fields"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise DetailsError(
                f"This is no shape of details: {type(error).__name__}: {error}. Remedy: give what to_json() returned."
            ) from error
        check_shape(made)
        return made

    @cached_property
    def _digest(self) -> int:
        return hash((self.name, self.fields))

    def __hash__(self) -> int:
        """Reckoned once: shapes are looked up for each measurement."""
        return self._digest


def _field_from_json(data: Mapping[str, Any]) -> DetailsField:
    shape = data["shape"]
    return DetailsField(
        name=str(data["name"]),
        kind=data["kind"],
        description=str(data["description"]),
        is_null=bool(data["is_null"]),
        is_list=bool(data["is_list"]),
        is_personal=bool(data["is_personal"]),
        enum_name=str(data["enum_name"]),
        values=tuple(str(value) for value in data["values"]),
        shape=None if shape is None else DetailsShape.from_json(shape),
    )


def check_shape(shape: DetailsShape) -> None:
    """Hold a shape, from wherever it comes, against what can be named and kept.

    Raises:
        DetailsError: names the field, the cause and the remedy.
    """
    named: dict[str, object] = {}
    for one in _shapes_within(shape, depth=0):
        if not CLASS_NAME.match(one.name):
            raise DetailsError(
                f"The class name {one.name!r} is no GraphQL type name. Remedy: letters and digits in CamelCase."
            )
        if named.setdefault(one.name, one) != one:
            raise DetailsError(f"Two classes or enumerations are called {one.name}. Remedy: rename one.")
        if not one.fields:
            raise DetailsError(f"{one.name} has no field. Remedy: give it one, or declare no details.")
        seen: set[str] = set()
        for field in one.fields:
            _check_field(f"{one.name}.{field.name}", field)
            if field.name in seen:
                raise DetailsError(f"{one.name}.{field.name} is there twice. Remedy: rename one.")
            seen.add(field.name)
            if field.kind == "enum" and named.setdefault(field.enum_name, field.values) != field.values:
                raise DetailsError(
                    f"Two classes or enumerations are called {field.enum_name}. Remedy: rename one."
                )


def _shapes_within(shape: DetailsShape, depth: int) -> Iterator[DetailsShape]:
    if depth > DEEPEST:
        raise DetailsError(f"{shape.name} lies more than {DEEPEST} classes deep. Remedy: make it flatter.")
    yield shape
    for field in shape.fields:
        if field.shape is not None:
            yield from _shapes_within(field.shape, depth + 1)


def _check_field(where: str, field: DetailsField) -> None:
    if not FIELD_NAME.match(field.name):
        raise DetailsError(
            f"{where} is no name in snake case. Remedy: lower-case words, one underscore between."
        )
    if field.kind not in get_args(Kind):
        raise DetailsError(f"{where} has the unknown kind {field.kind!r}. Remedy: see DetailsField.")
    if (field.kind == "object") != (field.shape is not None):
        raise DetailsError(f"{where}: exactly an object has a shape. Remedy: see DetailsField.")
    if field.kind != "enum":
        return
    strange = [name for name in field.values if not MEMBER_NAME.match(name)]
    if not CLASS_NAME.match(field.enum_name) or strange or not field.values:
        raise DetailsError(
            f"{where}: the members {strange or field.values} of {field.enum_name} cannot stand in GraphQL. "
            "Remedy: an Enum with at least one member, all named in upper case."
        )
