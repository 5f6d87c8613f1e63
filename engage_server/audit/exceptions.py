"""What cannot be done because of what was done before."""

from typing import ClassVar


class KeyReusedError(Exception):
    """An idempotency key came with other content before."""

    code: ClassVar[str] = "CONFLICT"
