"""The text of keys: ``eng_live_<kind>[_<cell>]_<public id 12>_<secret 43>_<checksum 6>``, base62.

The prefix lets secret scanners find leaked keys, the public id is how people speak of a key, and the checksum refuses
typing errors without a database. Of the secret a SHA-256 is stored: 256 random bits need no slow hash.

Of several installations each puts its name (``engage_server.tenancy.cells``) into the keys that it makes, so that whoever
stands in front of them knows by the text alone where to send it (``engage_server.operations.routes``).
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass
from typing import Final

from engage_server.access.exceptions import InvalidKeyError

BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX: Final = "eng_live"
PUBLIC_LENGTH: Final = 12
SECRET_LENGTH: Final = 43
CHECKSUM_LENGTH: Final = 6
# Anybody can compute a checksum, so it says nothing of what else stands in the text: NUL, say, which PostgreSQL refuses.
PARTS: Final = re.compile(rf"[0-9A-Za-z]{{{PUBLIC_LENGTH}}}_[0-9A-Za-z]{{{SECRET_LENGTH}}}")
CELL: Final = "[a-z][a-z0-9]{0,15}"
# A whole key in a longer text.
PATTERN: Final = (
    rf"{PREFIX}_[a-z]{{1,20}}_(?:{CELL}_)?"
    rf"[0-9A-Za-z]{{{PUBLIC_LENGTH}}}_[0-9A-Za-z]{{{SECRET_LENGTH}}}_[0-9A-Za-z]{{{CHECKSUM_LENGTH}}}"
)


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key in its parts. ``cell``: the installation that made it; empty where it had no name."""

    kind: str
    public_id: str
    secret: str
    cell: str = ""

    @property
    def whole(self) -> str:
        """What the client sends."""
        body = f"{beginning(self.kind, self.public_id, cell=self.cell)}_{self.secret}"
        return f"{body}_{checksum(body)}"

    @property
    def digest(self) -> bytes:
        """What is stored of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()


def beginning(kind: str, public_id: str, *, cell: str) -> str:
    """How a key's text begins, which is no secret."""
    return "_".join((PREFIX, kind, *([cell] if cell else []), public_id))


def generate(kind: str, *, cell: str = "") -> KeyText:
    """A new key's text."""
    return KeyText(kind, _random(PUBLIC_LENGTH), _random(SECRET_LENGTH), cell)


def parse(text: str) -> KeyText:
    """The parts of a key that a client sent; says nothing of whether there is such a key.

    Raises:
        InvalidKeyError: it is none, or was cut or mistyped.
    """
    parts = text.split("_")
    cell = parts[3] if len(parts) == 7 else ""
    if (
        len(parts) not in (6, 7)
        or "_".join(parts[:2]) != PREFIX
        or (len(parts) == 7 and not re.fullmatch(CELL, cell))
        or not PARTS.fullmatch("_".join(parts[-3:-1]))
        or not hmac.compare_digest(
            checksum("_".join(parts[:-1])).encode(), parts[-1].encode("utf-8", "replace")
        )
    ):
        raise InvalidKeyError(
            "This is no key of Engage, or it was cut or mistyped. Remedy: copy it whole, from eng_live_ on."
        )
    return KeyText(parts[2], parts[-3], parts[-2], cell)


def base62(number: int, *, length: int = 1) -> str:
    """A number in the alphabet of keys, at least ``length`` digits long."""
    text = ""
    while number or len(text) < length:
        number, digit = divmod(number, 62)
        text = BASE62[digit] + text
    return text


def checksum(body: str) -> str:
    """CRC-32 of a text, in base62."""
    return base62(zlib.crc32(body.encode("utf-8", "replace")), length=CHECKSUM_LENGTH)


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))
