"""Keyed hashes of names. Without the key nobody can try whether a name is on the list."""

import hmac
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

KEY_FILE: Final = "privacy.key"
KEY_BYTES: Final = 32


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
    """The key in the file; made where there is none. Whoever comes second uses the first one's."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip().encode()
