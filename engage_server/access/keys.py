"""Verifies, finds and lists the API keys of tenants; ``engage_server.operations.keys`` changes them."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from engage_server.access import key_format
from engage_server.access.exceptions import (
    ForeignHostError,
    InvalidKeyError,
    WrongKindError,
)
from engage_server.access.key_rules import (
    is_in_force,
    permissions_of,
)
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Principal
from engage_server.tenancy.moved_away import refuse_key_of_the_moved
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.services import require_active, tenant_of_host

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
USE_NOTED_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """The tenant and the rights that a verified key stands for."""

    tenant: TenantRef
    kind: ApiKey.Kind
    public_id: str
    source: str
    permissions: frozenset[Permission]

    @property
    def principal(self) -> Principal:
        """The key as one who asks."""
        return Principal(self.tenant, f"key:{self.public_id}", self.permissions)


def verify_key(text: str, *kinds: ApiKey.Kind, host: str = "") -> KeyIdentity:
    """Verify the key and return what it stands for.

    Args:
        text: the key as the client sent it.
        kinds: what it must be for; any of them.
        host: the request's host name without port; a tenant's host must be the key's tenant's. At a local
            name (localhost) or none the key alone tells the tenant.

    Raises:
        InvalidKeyError: malformed, unknown, expired or revoked.
        WrongKindError: not of these kinds.
        ForeignHostError: the host is another tenant's, or nobody's.
        TenantSuspendedError: the tenant is not served.
        TenantMovingError: not here, or not now.
    """
    given = key_format.parse(text)
    with shared_scope():
        key = ApiKey.objects.select_related("tenant").filter(public_id=given.public_id).first()
    if key is None:
        refuse_key_of_the_moved(given.public_id)
    if (
        key is None
        or key.cell != given.cell  # a key has one text
        or not hmac.compare_digest(bytes(key.digest), given.digest)
        or not is_in_force(key)
    ):
        raise InvalidKeyError(
            "The key is unknown, expired or revoked. Remedy: create one with `manage.py key create`."
        )
    if key.kind not in kinds:
        wanted = " or ".join(kind.label.lower() for kind in kinds)
        raise WrongKindError(f"This is a key of the kind {key.kind!r}. Remedy: use a key for: {wanted}.")
    require_host(host, key.tenant_id)
    require_active(key.tenant)
    _note_use(key)
    return KeyIdentity(
        tenant=key.tenant.ref,
        kind=ApiKey.Kind(key.kind),
        public_id=key.public_id,
        source=key.source,
        permissions=permissions_of(key),
    )


def require_host(host: str, tenant_id: int) -> None:
    """Go on at a host of the tenant, a local one or none.

    Raises:
        ForeignHostError: the host is another tenant's, or nobody's.
    """
    if not host or host in LOCAL_HOSTS:
        return
    owner = tenant_of_host(host)
    if owner is None or owner.pk != tenant_id:
        raise ForeignHostError(
            f"The host {host!r} is not served for this key. Remedy: use the tenant's own domain, or localhost."
        )


def list_keys(tenant: TenantRef) -> list[ApiKey]:
    """The tenant's keys, oldest first."""
    with shared_scope():
        return list(ApiKey.objects.select_related("maker").filter(tenant_id=tenant.id))


def find_key(tenant: TenantRef, public_id: str) -> ApiKey | None:
    """The tenant's key of this id; None where it has none."""
    with shared_scope():
        mine = ApiKey.objects.select_related("maker").filter(tenant_id=tenant.id, public_id=public_id)
        return mine.first()


def _note_use(key: ApiKey) -> None:
    earlier = timezone.now() - USE_NOTED_EVERY
    if key.last_used_at is not None and key.last_used_at > earlier:
        return
    with shared_scope():
        # Of many requests that find it stale at once, the first writes.
        stale = Q(last_used_at=None) | Q(last_used_at__lte=earlier)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=timezone.now())
