"""Texts that name numbers and are signed with the server's secret key, so that they can be kept nowhere and made by nobody.

Letters and digits alone, so that they fit into addresses and are copied by a double click.
"""

import hmac
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from engage_server.access.key_format import BASE62, base62

SIGNATURE_LENGTH: Final = 43
MOST_DIGITS: Final = 10
"""Of a number in base62: more than the ids and times that there are."""


def signed(body: str, *, salt: str) -> str:
    """The text with its signature behind an underscore; the same each time.

    Args:
        body: what is signed.
        salt: what it is signed for: nothing that was signed for something else is taken for it.
    """
    return f"{body}_{_signature(body, salt=salt, secret=settings.SECRET_KEY)}"


def is_signed(text: str, *, salt: str) -> bool:
    """Whether the text was signed here, under the present secret key or a former one that still counts."""
    body, _, signature = text.rpartition("_")
    given = signature.encode("utf-8", "replace")
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(
        hmac.compare_digest(_signature(body, salt=salt, secret=secret).encode(), given) for secret in secrets
    )


def number_of(text: str) -> int | None:
    """The number that a part in base62 is; None where it is none, or longer than one that there may be."""
    if not 0 < len(text) <= MOST_DIGITS or not set(text) <= set(BASE62):
        return None
    number = 0
    for digit in text:
        number = number * 62 + BASE62.index(digit)
    return number


def _signature(body: str, *, salt: str, secret: str) -> str:
    digest = salted_hmac(salt, body, secret=secret, algorithm="sha256").digest()
    return base62(int.from_bytes(digest), length=SIGNATURE_LENGTH)
