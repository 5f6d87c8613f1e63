"""Takes the fields of details that their metric marks as personal out of the stored form, for who may not see persons."""

from collections.abc import Mapping
from typing import Any

from engage_server.sdk import DetailsField, DetailsShape


def without_personal(shape: DetailsShape | None, stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stored details with null for what names or describes a person, at any depth."""
    hiding = {field.name: field for field in shape.fields if _hides(field)} if shape else {}
    if not hiding:
        return stored
    return {name: _hidden(hiding[name], value) if name in hiding else value for name, value in stored.items()}


def _hides(field: DetailsField) -> bool:
    return field.is_personal or (field.shape is not None and any(map(_hides, field.shape.fields)))


def _hidden(field: DetailsField, value: Any) -> Any:
    if field.is_personal:
        return None
    if isinstance(value, list):
        return [_hidden(field, item) for item in value]
    return without_personal(field.shape, value) if isinstance(value, Mapping) else None
