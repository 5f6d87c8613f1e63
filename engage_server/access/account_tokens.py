"""Short-lived tokens that show one account its own metrics: what a tenant hands to its customer's browser.

Form: ``eng_acct[_<cell>]_<public id of the issuing key>_<account>_<end>_<signature>``, with the cell that the key's text
names, so that whoever leads the key to a cell leads its tokens there too. Nothing is stored: a token is signed with
the server's secret key and the issuing key's digest, so that it ends with the key, and cannot be made by someone who reads
the database alone.
"""

import time
from dataclasses import dataclass
from typing import Final

from engage_server.access import signed_text
from engage_server.access.exceptions import InvalidKeyError
from engage_server.access.key_format import base62
from engage_server.access.key_rules import is_in_force, permissions_of
from engage_server.access.keys import require_host
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Principal
from engage_server.tenancy.moved_away import refuse_key_of_the_moved
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.services import require_active

PREFIX: Final = "eng_acct"
SALT: Final = "engage.account_token"


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
    origin = f"{key.cell}_{key.public_id}" if key.cell else key.public_id
    body = f"{PREFIX}_{origin}_{base62(account_id)}_{base62(ends)}"
    return signed_text.signed(body, salt=_salt(key))


def verify_token(text: str, *, host: str = "") -> TokenIdentity:
    """Verify the token and return its principal: one account of a tenant, reading its metrics and no personal data.

    Raises:
        InvalidKeyError: malformed, forged, over, or its key is not in force any more.
        ForeignHostError: the host is another tenant's, or nobody's.
        TenantSuspendedError: the tenant is not served.
    """
    parts = text.rpartition("_")[0].split("_")
    if len(parts) not in (5, 6) or "_".join(parts[:2]) != PREFIX:
        raise _refused()
    public_id = parts[-3]
    account_id, ends = (signed_text.number_of(part) for part in parts[-2:])
    if account_id is None or ends is None:
        raise _refused()
    with shared_scope():
        key = ApiKey.objects.select_related("tenant").filter(public_id=public_id).first()
    if key is None:
        refuse_key_of_the_moved(public_id)
    if key is None or not signed_text.is_signed(text, salt=_salt(key)) or not may_issue(key):
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


def _salt(key: ApiKey) -> str:
    return SALT + bytes(key.digest).hex()


def _refused() -> InvalidKeyError:
    return InvalidKeyError(
        "The token is no account's, is over, or its key was revoked. Remedy: ask for a new one with createAccountToken."
    )
