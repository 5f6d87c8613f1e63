"""Opaque ids: global ids name a type, a tenant and a row; cursors name the row a page ended with.

What a list is ordered by may be what its reader must not see, such as an account's name or a client's message id. So
cursors are encrypted, deterministically (AES-SIV, RFC 5297): the same place has the same cursor, which answers are
compared by, and what was not given out in this tenant is told apart.
"""

import base64
import binascii
import re
from functools import cache
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.utils.crypto import salted_hmac

from engage_server.api.exceptions import BadUserInputError
from engage_server.tenancy.global_ids import global_id
from engage_server.tenancy.scope import current_tenant

GLOBAL_ID: Final = re.compile(
    r"(?P<type>[A-Z][A-Za-z]{0,62}):(?P<tenant>[0-9]{1,19}):(?P<pk>[0-9a-f-]{1,36})\Z"
)
CURSOR: Final = re.compile(r"after:(?P<list>[A-Za-z_.0-9]{1,200}):(?P<key>.{1,4000})\Z", re.DOTALL)
SALT: Final = "engage.api.cursors"
UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
Key = int | UUID | str
__all__ = [
    "cursor", "foreign_cursor", "global_id", "is_global_id", "row_before", "row_of", "text_before", "type_of", "uuid_before",
    "uuid_of",
]  # fmt: skip
LARGEST_PK: Final = 2**31 - 1
LONGEST_PK: Final = 10  # digits


def row_of(text: str, *, type_name: str, tenant_id: int) -> int | None:
    """The row that a global id names; None if it is malformed, of another type or of another tenant."""
    key = _key_of(text, type_name=type_name, tenant_id=tenant_id)
    return _in_range(int(key)) if key.isdecimal() and len(key) <= LONGEST_PK else None


def uuid_of(text: str, *, type_name: str, tenant_id: int) -> UUID | None:
    """The same where rows have UUIDs."""
    key = _key_of(text, type_name=type_name, tenant_id=tenant_id)
    return UUID(key) if UUID_TEXT.match(key) else None


def type_of(text: str) -> str | None:
    """The name of the type that a global id is of; None if it is malformed."""
    match = GLOBAL_ID.match(_decode(text))
    return None if match is None else match["type"]


def is_global_id(text: str) -> bool:
    """Whether this is an id that the API gave out, and no name of the tenant's own."""
    return type_of(text) is not None


def cursor(key: Key, *, of: str) -> str:
    """The cursor behind a row of the list of this name, in the tenant in scope."""
    sealed = _cipher(settings.SECRET_KEY).encrypt(f"after:{of}:{key}".encode(), _tenant())
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def row_before(text: str, *, of: str) -> int:
    """The row behind which the page of the list begins.

    Raises:
        BadUserInputError: this is no cursor, or one of another list.
    """
    key = text_before(text, of=of)
    pk = _in_range(int(key)) if key.isdecimal() and len(key) <= LONGEST_PK else None
    if pk is None:
        raise foreign_cursor()
    return pk


def uuid_before(text: str, *, of: str) -> UUID:
    """The same where rows have UUIDs."""
    key = text_before(text, of=of)
    if not UUID_TEXT.match(key):
        raise foreign_cursor()
    return UUID(key)


def text_before(text: str, *, of: str) -> str:
    """The same where rows are found again by a text."""
    match = CURSOR.match(_opened(text))
    if match is None:
        raise foreign_cursor()
    if match["list"] != of:
        raise BadUserInputError(
            f"The cursor is one of the list {match['list']}. Remedy: pass pageInfo.endCursor of {of}."
        )
    return match["key"]


def _key_of(text: str, *, type_name: str, tenant_id: int) -> str:
    """What stands for the row in a global id of this type and tenant; empty where it is none."""
    match = GLOBAL_ID.match(_decode(text))
    is_ours = match is not None and match["type"] == type_name and int(match["tenant"]) == tenant_id
    return match["pk"] if match is not None and is_ours else ""


def foreign_cursor() -> BadUserInputError:
    """What is said of a cursor that this API did not give out."""
    return BadUserInputError(
        "The cursor was not given out by this API. Remedy: pass pageInfo.endCursor of the page before."
    )


def _in_range(pk: int) -> int | None:
    return pk if pk <= LARGEST_PK else None


def _opened(cursor: str) -> str:
    """What a cursor says; empty where it was not given out in the tenant in scope."""
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return _cipher(settings.SECRET_KEY).decrypt(sealed, _tenant()).decode()
    except (InvalidTag, ValueError):
        return ""


def _tenant() -> list[bytes]:
    return [str(current_tenant().id).encode()]


@cache
def _cipher(secret: str) -> AESSIV:
    return AESSIV(salted_hmac(SALT, "key", secret=secret, algorithm="sha512").digest())


def _decode(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
