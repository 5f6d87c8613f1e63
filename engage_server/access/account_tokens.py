"""Short-lived tokens that show one account its own metrics: what a tenant hands to its customer's browser.

Form: ``eng_acct_<public id of the issuing key>_<account>_<end>_<signature>``. Nothing is stored: a token is signed with
the server's secret key and the issuing key's digest, so that it ends with the key, and cannot be made by someone who reads
the database alone.
"""

import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from engage_server.access.exceptions import InvalidKeyError, KeyRequestError, UnknownKeyError
from engage_server.access.key_ancestry import is_descendant
from engage_server.access.key_format import BASE62, base62
from engage_server.access.key_rules import is_in_force, permissions_of
from engage_server.access.keys import find_key, require_host
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Principal
from engage_server.audit import log
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.services import require_active

PREFIX: Final = "eng_acct"
SALT: Final = "engage.account_token"
SIGNATURE_LENGTH: Final = 43
LONGEST_LIFE: Final = timedelta(hours=24)
MOST_DIGITS: Final = 10  # base62; more than the ids and times that there are


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token; its text is stored nowhere."""

    text: str
    expires_at: datetime


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


def issue_token(
    tenant: TenantRef, public_id: str, *, account_id: int, lifetime: timedelta, asker: str | None = None
) -> IssuedToken:
    """A token for an account of the tenant, which ends after ``lifetime`` or with the key that issues it.

    Args:
        tenant: whose account it is.
        public_id: the key that issues it.
        account_id: the account.
        lifetime: how long it lasts at most.
        asker: the public id of the key that asks, if one does: it, or one that it made, has to issue the token, which
            then ends with the asking one too.

    Raises:
        UnknownKeyError: the tenant has no key of this id that is in force and may read, or the asker has not.
        KeyRequestError: the life is none or longer than ``LONGEST_LIFE``.
    """
    if not timedelta(0) < lifetime <= LONGEST_LIFE:
        raise KeyRequestError(
            f"A token lasts up to {LONGEST_LIFE.total_seconds():.0f} seconds. Remedy: ask for 1 second or more, "
            "and for a new token when the first ends."
        )
    key = find_key(tenant, public_id)
    if key is None or not _may_issue(key):
        raise UnknownKeyError(
            f"There is no key {public_id!r} in force that may read metrics. Remedy: `manage.py key list` shows them."
        )
    if asker is not None and not is_descendant(key, asker):
        raise UnknownKeyError(
            f"The key {public_id!r} is neither the one that asks nor made by it. Remedy: leave `keyId` out."
        )
    ends = int(min(time.time() + lifetime.total_seconds(), key.expires_at.timestamp()))
    body = f"{PREFIX}_{public_id}_{base62(account_id)}_{base62(ends)}"
    expires_at = datetime.fromtimestamp(ends, UTC)
    with tenant_scope(tenant):
        details = {"key": public_id, "expires_at": expires_at.isoformat()}
        log.record("token.issued", subject=f"account:{account_id}", details=details)
    return IssuedToken(f"{body}_{_signature(body, key, settings.SECRET_KEY)}", expires_at)


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
    if key is None or not _is_signed(body, signature, key) or not _may_issue(key):
        raise _refused()
    actor = f"token:{key.public_id}:{account_id}"
    principal = Principal(key.tenant.ref, actor, frozenset({Permission.METRICS_READ}), account_id=account_id)
    identity = TokenIdentity(principal, ends)
    identity.require_time_left()
    require_host(host, key.tenant_id)
    require_active(key.tenant)
    return identity


def _may_issue(key: ApiKey) -> bool:
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
