"""Declared details: the further figures of a value, as plain data that is stored, checked and served under its shape.

A metric names a frozen dataclass, ``details=shape_of(Reach)``, and its measurements carry instances of it::

    @dataclass(frozen=True, slots=True)
    class Reach:
        active: Annotated[int, "Persons with an event."]
        loudest: Annotated[str | None, "Who did most.", PERSONAL] = None

Fields are int, float, Decimal, str, bool, date, datetime (with a zone), an Enum, another such dataclass, or a tuple or
list of any of these; ``| None`` makes a field null where it is unknown.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from engage_server.sdk.details_codec import codec_of, shape_problems
from engage_server.sdk.details_shape import (
    DEEPEST,
    DetailsError,
    DetailsField,
    DetailsShape,
    Kind,
    check_shape,
)

__all__ = [
    "PERSONAL",
    "RESERVED",
    "DetailsError",
    "DetailsField",
    "DetailsShape",
    "Personal",
    "decode",
    "encode",
    "encoded",
    "shape_of",
    "shape_problems",
]

KINDS: Final[Mapping[type, Kind]] = {
    int: "int",
    float: "float",
    Decimal: "decimal",
    str: "str",
    bool: "bool",
    date: "date",
    datetime: "datetime",
}
RESERVED: Final = frozenset(
    {"metric", "subject", "day", "value", "status", "n", "interval", "no_interval", "unit", "direction", "window",
     "normalised", "definition", "definition_version", "configuration_version", "revision", "computed_at",
     "data_as_of", "contributions", "details", "age_days", "series", "compare_to", "explain_change", "restatements",
     "anomaly", "trend", "sparkline",
     "changed_since", "freshness", "benchmarks", "subject_kind", "label", "account",
     "value_unit", "value_direction", "value_interval"}
)  # fmt: skip
"""What every result says of itself: no field of the outermost class may be called so."""


@dataclass(frozen=True, slots=True)
class Personal:
    """The mark of a field that names or describes a person."""


PERSONAL: Final = Personal()


def shape_of(cls: Any) -> DetailsShape:
    """The shape of a details class; made once per class.

    Raises:
        DetailsError: something in it cannot be shown in GraphQL; names the field, the cause and the remedy.
    """
    return _checked(cls)


@cache
def _checked(cls: type) -> DetailsShape:
    shape = _shape_of(cls, ())
    reserved = sorted(RESERVED & {field.name for field in shape.fields})
    if reserved:
        raise DetailsError(
            f"{cls.__name__}.{reserved[0]} is called as something that every result has. Remedy: rename the field."
        )
    check_shape(shape)
    return shape


def _shape_of(cls: type, above: tuple[type, ...]) -> DetailsShape:
    if not (isinstance(cls, type) and is_dataclass(cls)):
        raise DetailsError(
            f"{getattr(cls, '__name__', cls)!s} is no dataclass. Remedy: decorate it with @dataclass(frozen=True)."
        )
    if not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # of every dataclass
        raise DetailsError(
            f"{cls.__name__} can be changed. Remedy: decorate it with @dataclass(frozen=True)."
        )
    if cls in above:
        raise DetailsError(
            f"{cls.__name__} contains itself. Remedy: give a list of rows that name their parents."
        )
    if len(above) >= DEEPEST:
        raise DetailsError(f"{cls.__name__} lies more than {DEEPEST} classes deep. Remedy: make it flatter.")
    try:
        hints = get_type_hints(cls, include_extras=True)
    except (NameError, TypeError) as error:
        raise DetailsError(
            f"The annotations of {cls.__name__} cannot be read: {error}. Remedy: import what they name in its module."
        ) from error
    made = tuple(
        _field_of(f"{cls.__name__}.{field.name}", field.name, hints[field.name], (*above, cls))
        for field in fields(cls)
    )
    own = cls.__doc__ or ""
    return DetailsShape(cls.__name__, made, "" if own.startswith(f"{cls.__name__}(") else own.strip())


def _field_of(where: str, name: str, hint: Any, above: tuple[type, ...]) -> DetailsField:
    hint, notes = _unwrapped(hint)
    hint, is_null = _without_null(where, hint)
    hint, more = _unwrapped(hint)
    notes += more
    is_list = get_origin(hint) in {list, tuple}
    if is_list:
        item = _item_of(where, hint)
        item, more = _unwrapped(item)
        notes += more
        hint = item
    kind, enum_name, values, shape = _kind_of(where, hint, above)
    return DetailsField(
        name=name,
        kind=kind,
        description=next((note for note in notes if isinstance(note, str)), ""),
        is_null=is_null,
        is_list=is_list,
        is_personal=any(isinstance(note, Personal) for note in notes),
        enum_name=enum_name,
        values=values,
        shape=shape,
    )


def _unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        return inner, tuple(notes)
    return hint, ()


def _without_null(where: str, hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint, False
    rest = [part for part in get_args(hint) if part is not type(None)]
    if len(rest) != 1:
        names = " or ".join(getattr(part, "__name__", str(part)) for part in rest)
        raise DetailsError(
            f"{where} is {names}, and a field has one type. Remedy: make it two fields of which one is null."
        )
    return rest[0], True


def _item_of(where: str, hint: Any) -> Any:
    items = get_args(hint)
    if get_origin(hint) is tuple and (len(items) != 2 or items[1] is not Ellipsis):
        raise DetailsError(
            f"{where} is a tuple of a fixed length, which GraphQL cannot show. Remedy: tuple[X, ...], or a dataclass."
        )
    item, _ = _unwrapped(items[0])
    if get_origin(item) in {list, tuple, Union, types.UnionType}:
        raise DetailsError(
            f"{where} is a list of lists or of something that may be null. Remedy: a list of a dataclass."
        )
    return items[0]


def _kind_of(where: str, hint: Any, above: tuple[type, ...]) -> tuple[Kind, str, tuple[str, ...], Any]:
    kind = KINDS.get(hint) if isinstance(hint, type) else None
    if kind is not None:
        return kind, "", (), None
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "enum", hint.__name__, tuple(hint.__members__), None
    if isinstance(hint, type) and is_dataclass(hint):
        return "object", "", (), _shape_of(hint, above)
    raise DetailsError(
        f"{where} is {getattr(hint, '__name__', None) or hint}, which GraphQL cannot show. "
        "Remedy: int, float, Decimal, str, bool, date, datetime, an Enum, a frozen dataclass, or a list of one of them."
    )


def encode(shape: DetailsShape, instance: object) -> dict[str, Any]:
    """An instance of the shape's class as JSON for storage: Decimals as text, dates in ISO 8601, enums by name.

    Raises:
        DetailsError: a field holds what the shape does not say; names field, cause and remedy.
    """
    return codec_of(shape).encode(instance)


def decode(shape: DetailsShape, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Stored details by field name: Decimals, dates and times as such, enums by name, objects as mappings.

    Never fails: what is missing, or of another type as in rows of an older definition, is None.
    """
    return codec_of(shape).decode(stored)


def encoded(details: object) -> Mapping[str, Any]:
    """Details in any of the forms a measurement may carry them in, as JSON for storage.

    Raises:
        DetailsError: it is no instance of a details class, or holds what the class does not say.
    """
    if details is None:
        return {}
    if isinstance(details, Mapping):
        return details
    return encode(shape_of(type(details)), details)
