"""The text of keys: ``eng_live_<kind>_<public id 12>_<secret 43>_<checksum 6>``, base62.

The prefix lets secret scanners find leaked keys, the public id is how people speak of a key, and the checksum refuses
typing errors without a database. Of the secret a SHA-256 is stored: 256 random bits need no slow hash.
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


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key in its parts."""

    kind: str
    public_id: str
    secret: str

    @property
    def whole(self) -> str:
        """What the client sends."""
        body = f"{PREFIX}_{self.kind}_{self.public_id}_{self.secret}"
        return f"{body}_{checksum(body)}"

    @property
    def digest(self) -> bytes:
        """What is stored of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()


def generate(kind: str) -> KeyText:
    """A new key's text."""
    return KeyText(kind, _random(PUBLIC_LENGTH), _random(SECRET_LENGTH))


def parse(text: str) -> KeyText:
    """The parts of a key that a client sent; says nothing of whether there is such a key.

    Raises:
        InvalidKeyError: it is none, or was cut or mistyped.
    """
    parts = text.split("_")
    if (
        len(parts) != 6
        or "_".join(parts[:2]) != PREFIX
        or not PARTS.fullmatch("_".join(parts[3:5]))
        or not hmac.compare_digest(
            checksum("_".join(parts[:5])).encode(), parts[5].encode("utf-8", "replace")
        )
    ):
        raise InvalidKeyError(
            "This is no key of Engage, or it was cut or mistyped. Remedy: copy it whole, from eng_live_ on."
        )
    return KeyText(*parts[2:5])


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
