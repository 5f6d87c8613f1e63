"""Short-lived tokens that show one account its own metrics: what a tenant hands to its customer's browser.

Form: ``eng_acct_<public id of the issuing key>_<account>_<end>_<signature>``. Nothing is stored: a token is signed with
the server's secret key and the issuing key's digest, so that it ends with the key, and cannot be made by someone who reads
the database alone.
"""

import hmac
import time
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from engage_server.access.exceptions import InvalidKeyError
from engage_server.access.key_format import BASE62, base62
from engage_server.access.key_rules import is_in_force, permissions_of
from engage_server.access.keys import require_host
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Principal
from engage_server.tenancy.moved_away import refuse_key_of_the_moved
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.services import require_active

PREFIX: Final = "eng_acct"
SALT: Final = "engage.account_token"
SIGNATURE_LENGTH: Final = 43
MOST_DIGITS: Final = 10  # base62; more than the ids and times that there are


@dataclass(frozen=True, slots=True)
class TokenIdentity:
    """The principal that a verified token stands for, and until when (seconds since 1970)."""

    principal: Principal
    ends: int

    def require_time_left(self) -> None:
        """Go on before the token's end.

        Raises:
            InvalidKeyError: it is over.
        """
        if time.time() >= self.ends:
            raise _refused()


def sign(key: ApiKey, *, account_id: int, ends: int) -> str:
    """The text of a token of this key for an account, good until ``ends`` (seconds since 1970)."""
    body = f"{PREFIX}_{key.public_id}_{base62(account_id)}_{base62(ends)}"
    return f"{body}_{_signature(body, key, settings.SECRET_KEY)}"


def verify_token(text: str, *, host: str = "") -> TokenIdentity:
    """Verify the token and return its principal: one account of a tenant, reading its metrics and no personal data.

    Raises:
        InvalidKeyError: malformed, forged, over, or its key is not in force any more.
        ForeignHostError: the host is another tenant's, or nobody's.
        TenantSuspendedError: the tenant is not served.
    """
    body, _, signature = text.rpartition("_")
    parts = body.split("_")
    if len(parts) != 5 or "_".join(parts[:2]) != PREFIX:
        raise _refused()
    account_id, ends = _number(parts[3]), _number(parts[4])
    with shared_scope():
        key = ApiKey.objects.select_related("tenant").filter(public_id=parts[2]).first()
    if key is None:
        refuse_key_of_the_moved(parts[2])
    if key is None or not _is_signed(body, signature, key) or not may_issue(key):
        raise _refused()
    actor = f"token:{key.public_id}:{account_id}"
    principal = Principal(key.tenant.ref, actor, frozenset({Permission.METRICS_READ}), account_id=account_id)
    identity = TokenIdentity(principal, ends)
    identity.require_time_left()
    require_host(host, key.tenant_id)
    require_active(key.tenant)
    return identity


def may_issue(key: ApiKey) -> bool:
    """Whether the key is in force and may read what a token of it would show."""
    return is_in_force(key) and Permission.METRICS_READ in permissions_of(key)


def _is_signed(body: str, signature: str, key: ApiKey) -> bool:
    given = signature.encode("utf-8", "replace")
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(_signature(body, key, secret).encode(), given) for secret in secrets)


def _signature(body: str, key: ApiKey, secret: str) -> str:
    salt = SALT + bytes(key.digest).hex()
    digest = salted_hmac(salt, body, secret=secret, algorithm="sha256").digest()
    return base62(int.from_bytes(digest), length=SIGNATURE_LENGTH)


def _number(text: str) -> int:
    if not 0 < len(text) <= MOST_DIGITS or not set(text) <= set(BASE62):
        raise _refused()
    number = 0
    for digit in text:
        number = number * 62 + BASE62.index(digit)
    return number


def _refused() -> InvalidKeyError:
    return InvalidKeyError(
        "The token is no account's, is over, or its key was revoked. Remedy: ask for a new one with createAccountToken."
    )
