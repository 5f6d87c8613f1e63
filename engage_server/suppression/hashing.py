"""Keyed hashes of names. Without the key nobody can try whether a name is on the list."""

import hmac
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from engage_server.settings.secret_files import ensure_secret

KEY_FILE: Final = "privacy-key"


def privacy_keys() -> tuple[bytes, ...]:
    """The keys of ENGAGE_PRIVACY_KEYS, the one for new hashes first; without any, that of the data directory."""
    if settings.ENGAGE_PRIVACY_KEYS:
        return tuple(key.encode() for key in settings.ENGAGE_PRIVACY_KEYS)
    return (_key_of(settings.ENGAGE_DATA_DIR / KEY_FILE),)


def key_id(key: bytes) -> str:
    """A name for a key that does not give it away."""
    return hmac.digest(key, b"id of a privacy key", "sha256")[:8].hex()


def name_digest(key: bytes, *, schema: str, name: str) -> bytes:
    """The hash of a name; the same name has another one in every tenant."""
    return hmac.digest(key, f"{schema}\x1f{name}".encode("utf-8", "surrogatepass"), "sha256")


@cache
def _key_of(path: Path) -> bytes:
    return ensure_secret(path, variable="ENGAGE_PRIVACY_KEYS").strip().encode()
