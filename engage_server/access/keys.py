"""Makes, finds and revokes API keys.

Form: ``eng_live_<kind>_<public id 12>_<secret 43>_<checksum 6>``, base62. The prefix lets secret scanners find
leaked keys, the checksum refuses typing errors without a database, and only a SHA-256 of the secret is stored
(256 random bits need no slow hash).
"""

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.utils import timezone

from engage_server.access.exceptions import ForeignHostError, InvalidKeyError, WrongKindError
from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Permission, Principal
from engage_server.tenancy.memory import forget_tenant
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.services import require_active, tenant_of_host

BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX: Final = "eng_live"
PUBLIC_LENGTH: Final = 12
SECRET_LENGTH: Final = 43
PERMISSIONS_OF_KIND: Final[Mapping[ApiKey.Kind, frozenset[Permission]]] = MappingProxyType(
    {
        ApiKey.Kind.INGEST: frozenset({Permission.EVENTS_WRITE}),
        ApiKey.Kind.QUERY: frozenset({Permission.METRICS_READ, Permission.PERSONAL_READ}),
        ApiKey.Kind.ADMIN: EVERYTHING,
    }
)
LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """Whom a verified key stands for."""

    tenant: TenantRef
    kind: ApiKey.Kind
    public_id: str
    source: str

    @property
    def principal(self) -> Principal:
        """The key as one who asks."""
        return Principal(self.tenant, f"key:{self.public_id}", PERMISSIONS_OF_KIND[self.kind])


def create_key(
    tenant: TenantRef, kind: ApiKey.Kind, *, source: str = "default", expires_at: datetime | None = None
) -> str:
    """Make a key and return its text, which is shown once and never stored."""
    public_id = _random(PUBLIC_LENGTH)
    secret = _random(SECRET_LENGTH)
    body = f"{PREFIX}_{kind.value}_{public_id}_{secret}"
    with shared_scope():
        ApiKey.objects.create(
            tenant_id=tenant.id,
            kind=kind,
            public_id=public_id,
            digest=_digest(secret),
            last_four=secret[-4:],
            source=source,
            expires_at=expires_at,
        )
    return f"{body}_{_checksum(body)}"


def verify_key(text: str, *kinds: ApiKey.Kind, host: str = "") -> KeyIdentity:
    """Whom the key stands for.

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
    """
    public_id, secret = _parse(text)
    with shared_scope():
        key = ApiKey.objects.select_related("tenant").filter(public_id=public_id).first()
    if key is None or not hmac.compare_digest(bytes(key.digest), _digest(secret)) or not _in_force(key):
        raise InvalidKeyError(
            "The key is unknown, expired or revoked. Remedy: create one with `manage.py key create`."
        )
    if key.kind not in kinds:
        wanted = " or ".join(kind.label.lower() for kind in kinds)
        raise WrongKindError(f"This is a key of the kind {key.kind!r}. Remedy: use a key for: {wanted}.")
    if host and host not in LOCAL_HOSTS:
        owner = tenant_of_host(host)
        if owner is None or owner.pk != key.tenant_id:
            raise ForeignHostError(
                f"The host {host!r} is not served for this key. Remedy: use the tenant's own domain, or localhost."
            )
    require_active(key.tenant)
    return KeyIdentity(
        tenant=key.tenant.ref, kind=ApiKey.Kind(key.kind), public_id=public_id, source=key.source
    )


def revoke_key(tenant: TenantRef, public_id: str) -> bool:
    """Revoke a key of the tenant; False where it has none of this id."""
    with shared_scope():
        revoked = ApiKey.objects.filter(tenant_id=tenant.id, public_id=public_id, revoked_at=None).update(
            revoked_at=timezone.now()
        )
    forget_tenant(tenant.id)
    return bool(revoked)


def list_keys(tenant: TenantRef) -> list[ApiKey]:
    """The tenant's keys, oldest first."""
    with shared_scope():
        return list(ApiKey.objects.filter(tenant_id=tenant.id))


def _in_force(key: ApiKey) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > timezone.now())


def _parse(text: str) -> tuple[str, str]:
    parts = text.split("_")
    if (
        len(parts) != 6
        or "_".join(parts[:2]) != PREFIX
        or not hmac.compare_digest(_checksum("_".join(parts[:5])).encode(), parts[5].encode())
    ):
        raise InvalidKeyError(
            "This is no key of Engage, or it was cut or mistyped. Remedy: copy it whole, from eng_live_ on."
        )
    return parts[3], parts[4]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _checksum(body: str) -> str:
    number, text = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        text = BASE62[digit] + text
    return text


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))
