"""Which fields of a configuration hold secrets: by its JSON Schema, where pydantic writes SecretStr as `writeOnly`."""

from collections.abc import Mapping
from typing import Any


def without_secrets(schema: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What may be shown of a configuration that was never validated: fields of the schema that hold no secret."""
    fields = schema.get("properties", {})
    shown = {name for name, field in fields.items() if not _holds_secrets(field)}
    return {name: value if name in shown else None for name, value in stored.items()}


def _holds_secrets(field: Any) -> bool:
    if isinstance(field, Mapping):
        return field.get("writeOnly") is True or any(map(_holds_secrets, field.values()))
    # What stands elsewhere in the schema is not followed: rather too little is shown.
    return any(map(_holds_secrets, field)) if isinstance(field, list) else str(field).startswith("#/$defs/")
