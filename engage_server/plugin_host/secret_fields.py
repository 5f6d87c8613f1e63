"""Which values of a configuration are secret: by its JSON Schema, where pydantic writes SecretStr as `writeOnly`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

STARS: Final = "**********"
BRANCHES: Final = ("anyOf", "oneOf", "allOf")
Schema = Mapping[str, Any]


def starred(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with stars for each secret."""
    return change_secrets(schema, values, lambda secret: STARS if secret else secret)


def change_secrets(schema: Schema, values: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """The values, each secret replaced by what ``change`` makes of it; null is no secret."""
    changed: dict[str, Any] = _changed([schema], values, change, schema)
    return changed


def has_secrets(schema: Schema) -> bool:
    """Whether any value under the schema may be a secret."""
    if isinstance(schema, Mapping):
        return schema.get("writeOnly") is True or any(map(has_secrets, schema.values()))
    return isinstance(schema, list) and any(map(has_secrets, schema))


def without_secrets(schema: Schema, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What may be shown of a configuration that was never validated: fields of the schema that hold no secret."""
    fields = schema.get("properties", {})
    shown = {name for name, field in fields.items() if not _may_hold_secrets(field)}
    return {name: value if name in shown else None for name, value in stored.items()}


def _may_hold_secrets(field: Any) -> bool:
    if isinstance(field, Mapping):
        return field.get("writeOnly") is True or any(map(_may_hold_secrets, field.values()))
    # What stands elsewhere in the schema is not followed: rather too little is shown.
    if isinstance(field, list):
        return any(map(_may_hold_secrets, field))
    return str(field).startswith("#/$defs/")


def _changed(schemas: Sequence[Schema], value: Any, change: Callable[[Any], Any], root: Schema) -> Any:
    """``value`` is under all of these schemas: which branch of a choice it is under, nobody asks."""
    found = [branch for schema in schemas for branch in _branches(schema, root, frozenset())]
    if value is not None and any(schema.get("writeOnly") is True for schema in found):
        return change(value)
    if isinstance(value, Mapping):
        return {
            name: _changed([part for schema in found for part in _of_field(schema, name)], part, change, root)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [
            _changed([part for schema in found for part in _of_item(schema, place)], part, change, root)
            for place, part in enumerate(value)
        ]
    return value


def _branches(schema: Any, root: Schema, seen: frozenset[str]) -> Iterator[Schema]:
    """The schema, and those that it refers to or chooses among."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    place = schema.get("$ref")
    if isinstance(place, str) and place not in seen:
        yield from _branches(_at(root, place), root, seen | {place})
    for word in BRANCHES:
        for branch in schema.get(word, ()):
            yield from _branches(branch, root, seen)


def _at(root: Schema, place: str) -> Any:
    found: Any = root
    for step in place.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _of_field(schema: Schema, name: str) -> Iterator[Schema]:
    fields = schema.get("properties", {})
    if name in fields:
        yield fields[name]
    else:
        yield schema.get("additionalProperties", {})
    yield from schema.get("patternProperties", {}).values()


def _of_item(schema: Schema, place: int) -> Iterator[Schema]:
    first = schema.get("prefixItems", ())
    yield first[place] if place < len(first) else schema.get("items", {})
