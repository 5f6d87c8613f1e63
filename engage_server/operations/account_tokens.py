"""Issues tokens that show single accounts their metrics, on record."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from engage_server.access.account_tokens import may_issue, sign
from engage_server.access.exceptions import KeyRequestError, UnknownKeyError
from engage_server.access.key_ancestry import is_descendant
from engage_server.access.keys import find_key
from engage_server.audit.log import record
from engage_server.tenancy.scope import TenantRef, tenant_scope

LONGEST_LIFE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token; its text is stored nowhere."""

    text: str
    expires_at: datetime


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
    if key is None or not may_issue(key):
        raise UnknownKeyError(
            f"There is no key {public_id!r} in force that may read metrics. Remedy: `manage.py key list` shows them."
        )
    if asker is not None and not is_descendant(key, asker):
        raise UnknownKeyError(
            f"The key {public_id!r} is neither the one that asks nor made by it. Remedy: leave `keyId` out."
        )
    ends = int(min(time.time() + lifetime.total_seconds(), key.expires_at.timestamp()))
    expires_at = datetime.fromtimestamp(ends, UTC)
    with tenant_scope(tenant):
        details = {"key": public_id, "expires_at": expires_at.isoformat()}
        record("token.issued", subject=f"account:{account_id}", details=details)
    return IssuedToken(sign(key, account_id=account_id, ends=ends), expires_at)
