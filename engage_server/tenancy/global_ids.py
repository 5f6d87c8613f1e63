"""How global ids are written: they name a type, a tenant and a row. Whether one may see the row is for the API to say."""

import base64
from uuid import UUID


def global_id(type_name: str, *, tenant_id: int, pk: int | UUID) -> str:
    """The id by which ``node`` finds a row again."""
    return encoded(f"{type_name}:{tenant_id}:{pk}")


def encoded(text: str) -> str:
    """A text as ids are written."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
