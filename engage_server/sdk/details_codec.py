"""Writes and reads details of one shape; what the shape decides is decided once."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from math import isfinite
from operator import attrgetter
from types import NoneType
from typing import Any, Final

from engage_server.sdk.details_shape import DetailsError, DetailsField, DetailsShape

Write = Callable[[Any], Any]
"""From a field's value to JSON; raises ValueError for a value of another type."""
Read = Callable[[Any], Any]
"""From JSON to a field's value; None for anything else."""
Plan = tuple[tuple[str, Write], ...]
"""The fields of an instance that are not in JSON's form as they stand, or not surely."""
JSON_AS_IS: Final[Mapping[str, type]] = {"int": int, "str": str, "bool": bool}
MOST_PLANS: Final = (
    256  # of one shape; a class with many fields that may be null has more combinations of types
)


class Codec:
    """How instances of one shape are written and read; see ``codec_of``."""

    def __init__(self, shape: DetailsShape) -> None:
        """Prepare for a shape."""
        self._shape = shape
        names = tuple(field.name for field in shape.fields)
        get = attrgetter(*names)
        self._values: Callable[[Any], tuple[Any, ...]] = get if len(names) > 1 else lambda one: (get(one),)
        self._names = names
        self._writers = tuple((field, _writer(field)) for field in shape.fields)
        self._plans: dict[tuple[type, ...], Plan] = {}
        self.readers: Mapping[str, tuple[Read, DetailsField]] = {
            field.name: (_reader(field), field) for field in shape.fields
        }

    def encode(self, instance: object) -> dict[str, Any]:
        """An instance as JSON; see ``details.encode``."""
        try:
            values = self._values(instance)
        except AttributeError as error:
            raise DetailsError(
                f"{type(instance).__name__} is no {self._shape.name}: {error}. Remedy: give an instance of it."
            ) from error
        # Thousands of instances have the same types: what these leave to do is found once.
        types = tuple(map(type, values))
        plan = self._plans.get(types)
        if plan is None:
            plan = self._plan(types)
        written = dict(zip(self._names, values, strict=True))
        for name, write in plan:
            value = written[name]
            try:
                written[name] = write(value)
            except (TypeError, ValueError):
                field = self.readers[name][1]
                remedy = (
                    "give null where it is unknown"
                    if field.is_null
                    else "declare it as `| None` to give null"
                )
                raise DetailsError(
                    f"{self._shape.name}.{name} is {value!r}, not {_said(field)}. Remedy: {remedy}."
                ) from None
        return written

    def _plan(self, types: tuple[type, ...]) -> Plan:
        """What is left to check or to convert where the values have these types."""
        plan = tuple(
            (field.name, _write_finite if field.kind == "float" and one is float else write)
            for (field, write), one in zip(self._writers, types, strict=True)
            if not (one is NoneType and field.is_null)
            and (field.is_list or JSON_AS_IS.get(field.kind) is not one)
        )
        if len(self._plans) < MOST_PLANS:
            self._plans[types] = plan
        return plan

    def decode(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """JSON by field name; see ``details.decode``."""
        return {
            name: None if (value := stored.get(name)) is None else read(value)
            for name, (read, _) in self.readers.items()
        }


@cache
def codec_of(shape: DetailsShape) -> Codec:
    """The codec of a shape."""
    return Codec(shape)


def shape_problems(shape: DetailsShape, stored: Mapping[str, Any]) -> Iterator[str]:
    """What of a mapping in the stored form, such as a plugin in another process sends, the shape does not say."""
    known = {field.name: field for field in shape.fields}
    for name in stored.keys() - known.keys():
        yield f"the details have a field {name!r} that the class {shape.name} does not declare."
    for name, field in known.items():
        read, _ = codec_of(shape).readers[name]
        value = stored.get(name)
        if value is None:
            if not field.is_null:
                yield f"the detail {name!r} is null. Remedy: declare it as `| None`."
        elif read(value) is None:
            yield f"the detail {name!r} is {value!r}, not {_said(field)}."
        elif field.shape is not None:
            for one in value if field.is_list else (value,):
                yield from shape_problems(field.shape, one)


def _said(field: DetailsField) -> str:
    one = {"object": field.shape and field.shape.name, "enum": field.enum_name}.get(field.kind) or field.kind
    return f"a list of {one}" if field.is_list else f"{one}"


def _writer(field: DetailsField) -> Write:
    if field.shape is not None:
        one: Write = _object_writer(field.shape)
    elif field.kind == "enum":
        one = _enum_writer(frozenset(field.values))
    else:
        one = WRITERS[field.kind]
    if not field.is_list:
        return one

    def write_all(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise TypeError
        return [one(item) for item in value]

    return write_all


def _object_writer(shape: DetailsShape) -> Write:
    encode, name = codec_of(shape).encode, shape.name

    def write(value: Any) -> dict[str, Any]:
        if type(value).__name__ != name:
            raise TypeError
        return encode(value)

    return write


def _enum_writer(names: frozenset[str]) -> Write:
    def write(value: Any) -> str:
        name = value.name if isinstance(value, Enum) else None
        if name not in names:
            raise TypeError
        return name

    return write


def _write_int(value: Any) -> int:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return int(value)


def _write_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise TypeError
    return float(value)


def _write_finite(value: float) -> float:
    if not isfinite(value):
        raise TypeError
    return value


def _write_decimal(value: Any) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError
    return str(value)


def _write_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _write_str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return str.__str__(value)


def _write_date(value: Any) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError
    return value.isoformat()


def _write_datetime(value: Any) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError
    return value.isoformat()


WRITERS: Final[Mapping[str, Write]] = {
    "int": _write_int,
    "float": _write_float,
    "decimal": _write_decimal,
    "bool": _write_bool,
    "str": _write_str,
    "date": _write_date,
    "datetime": _write_datetime,
}


def _reader(field: DetailsField) -> Read:
    if field.shape is not None:
        one: Read = _object_reader(field.shape)
    elif field.kind == "enum":
        one = _enum_reader(frozenset(field.values))
    else:
        one = READERS[field.kind]
    if not field.is_list:
        return one

    def read_all(value: Any) -> list[Any] | None:
        if not isinstance(value, list | tuple):
            return None
        items = [one(item) for item in value]
        return None if any(item is None for item in items) else items

    return read_all


def _object_reader(shape: DetailsShape) -> Read:
    return lambda value: codec_of(shape).decode(value) if isinstance(value, Mapping) else None


def _enum_reader(names: frozenset[str]) -> Read:
    return lambda value: value if isinstance(value, str) and value in names else None


def _read_int(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _read_float(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        read = float(value)
    except OverflowError:
        return None
    return read if isfinite(read) else None


def _read_decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def _read_date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _read_datetime(value: Any) -> datetime | None:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


READERS: Final[Mapping[str, Read]] = {
    "int": _read_int,
    "float": _read_float,
    "decimal": _read_decimal,
    "bool": lambda value: value if isinstance(value, bool) else None,
    "str": lambda value: value if isinstance(value, str) else None,
    "date": _read_date,
    "datetime": _read_datetime,
}
