"""Makes, verifies, rotates, revokes and lists the API keys of tenants; each change stands in the tenant's audit log."""

import hmac
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from pydantic import JsonValue

from engage_server.access import key_format
from engage_server.access.exceptions import (
    ForeignHostError,
    InvalidKeyError,
    KeyRequestError,
    UnknownKeyError,
    WrongKindError,
)
from engage_server.access.key_ancestry import descendants_of, lock_ancestry
from engage_server.access.key_rules import (
    check_permissions,
    expiry,
    is_in_force,
    permissions_of,
)
from engage_server.access.models import ApiKey, Limit
from engage_server.access.principal import Permission, Principal
from engage_server.audit import log
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.services import require_active, tenant_of_host
from engage_server.tenancy.tenant_cache import invalidate_tenant

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
LONGEST_OVERLAP: Final = timedelta(days=30)
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


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What a new key is to be; the usual of its kind where ``permissions`` or ``expires_at`` is None."""

    kind: ApiKey.Kind
    name: str = ""
    source: str = "default"
    permissions: frozenset[Permission] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key. ``text`` is shown once and never stored."""

    text: str
    row: ApiKey


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
    """
    given = key_format.parse(text)
    with shared_scope():
        key = ApiKey.objects.select_related("tenant").filter(public_id=given.public_id).first()
    if key is None or not hmac.compare_digest(bytes(key.digest), given.digest) or not is_in_force(key):
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


def create_key(
    tenant: TenantRef, kind: ApiKey.Kind, *, source: str = "default", expires_at: datetime | None = None
) -> str:
    """The text of a new key with the usual rights of its kind; see ``make_key``."""
    return make_key(tenant, KeyRequest(kind, source=source, expires_at=expires_at)).text


def make_key(tenant: TenantRef, request: KeyRequest, *, maker: str | None = None) -> MadeKey:
    """Make a key.

    Args:
        tenant: whose.
        request: what it is to be.
        maker: the public id of the key that makes it, if one does: the new one ends no later, and at once where that
            one is revoked, and has its limits.

    Raises:
        KeyRequestError: its kind cannot have a permission, or its end is past or too far away.
        UnknownKeyError: the maker is not in force any more.
    """
    return make_keys(tenant, [request], maker=maker)[0]


def make_keys(
    tenant: TenantRef, requests: Sequence[KeyRequest], *, maker: str | None = None
) -> list[MadeKey]:
    """Make several keys at the cost of one.

    Raises:
        KeyRequestError, UnknownKeyError: as ``make_key``; none is made.
    """
    for request in requests:
        if request.permissions is not None:
            check_permissions(request.kind, request.permissions)
    with transaction.atomic():
        giver = None if maker is None else _maker(tenant, maker)
        made = _insert(tenant, requests, maker=giver)
        if giver is not None:
            for key in made:
                _hand_down_limits([giver], heir=key.row)
        with tenant_scope(tenant):
            log.record_all([_record_of("key.created", key.row) for key in made])
    return made


def rotate_key(tenant: TenantRef, public_id: str, *, overlap: timedelta, maker: str | None = None) -> MadeKey:
    """Make a key with the rights and limits of another, which ends when the overlap is over.

    A ``maker`` is as in ``make_key``; of its limits and those of the former key the tighter ones hold.

    Raises:
        UnknownKeyError: the tenant has no key of this id in force, or the maker is not.
        KeyRequestError: the overlap is negative or longer than ``LONGEST_OVERLAP``.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise KeyRequestError(
            f"Keys overlap for 0 to {LONGEST_OVERLAP.days} days. Remedy: choose a time between."
        )
    with transaction.atomic():
        giver = None if maker is None else _maker(tenant, maker)
        old = _lock_key(tenant, public_id)
        (made,) = _insert(
            tenant,
            [
                KeyRequest(
                    ApiKey.Kind(old.kind), name=old.name, source=old.source, permissions=_own_permissions(old)
                )
            ],
            maker=giver,
        )
        ends = min(old.expires_at, timezone.now() + overlap)
        with shared_scope():
            ApiKey.objects.filter(pk=old.pk).update(expires_at=ends)
        _hand_down_limits([old] if giver is None else [old, giver], heir=made.row)
        _record("key.rotated", tenant, old, replaced_by=made.row.public_id, ends_at=ends.isoformat())
    invalidate_tenant(tenant.id)
    return made


def revoke_key(tenant: TenantRef, public_id: str) -> tuple[str, ...]:
    """Revoke a key of the tenant, and all that it made; every process refuses them within five seconds.

    Returns:
        The public ids of those that were revoked, its own the first; none where the tenant has no such key to revoke.
    """
    with transaction.atomic():
        lock_ancestry(tenant)
        key = find_key(tenant, public_id)
        if key is None or key.revoked_at is not None:
            return ()
        line = [key, *(one for one in descendants_of(key) if one.revoked_at is None)]
        with shared_scope():
            ApiKey.objects.filter(pk__in=[one.pk for one in line]).update(revoked_at=timezone.now())
        with tenant_scope(tenant):
            log.record_all(
                [
                    _record_of("key.revoked", key),
                    *(_record_of("key.revoked", one, line=public_id) for one in line[1:]),
                ]
            )
    invalidate_tenant(tenant.id)
    return tuple(one.public_id for one in line)


def list_keys(tenant: TenantRef) -> list[ApiKey]:
    """The tenant's keys, oldest first."""
    with shared_scope():
        return list(ApiKey.objects.select_related("maker").filter(tenant_id=tenant.id))


def find_key(tenant: TenantRef, public_id: str) -> ApiKey | None:
    """The tenant's key of this id; None where it has none."""
    with shared_scope():
        mine = ApiKey.objects.select_related("maker").filter(tenant_id=tenant.id, public_id=public_id)
        return mine.first()


def _lock_key(tenant: TenantRef, public_id: str) -> ApiKey:
    with shared_scope():
        mine = ApiKey.objects.select_for_update().filter(tenant_id=tenant.id, public_id=public_id)
        return _require_in_force(mine.first(), public_id)


def _maker(tenant: TenantRef, public_id: str) -> ApiKey:
    lock_ancestry(tenant)
    return _require_in_force(find_key(tenant, public_id), public_id)


def _require_in_force(key: ApiKey | None, public_id: str) -> ApiKey:
    if key is None or not is_in_force(key):
        raise UnknownKeyError(
            f"There is no key {public_id!r} in force. Remedy: `manage.py key list` shows them."
        )
    return key


def _hand_down_limits(givers: Sequence[ApiKey], *, heir: ApiKey) -> None:
    amounts: dict[str, list[int]] = defaultdict(list)
    with shared_scope():
        for limit in Limit.objects.filter(key__in=givers):
            amounts[limit.name].append(limit.amount)
        # 0 stands for none, so that any other amount is tighter.
        Limit.objects.bulk_create(
            Limit(tenant_id=heir.tenant_id, key=heir, name=name, amount=min(filter(None, given), default=0))
            for name, given in amounts.items()
        )


def _own_permissions(key: ApiKey) -> frozenset[Permission] | None:
    return None if key.permissions is None else permissions_of(key)


def _insert(tenant: TenantRef, requests: Sequence[KeyRequest], *, maker: ApiKey | None) -> list[MadeKey]:
    made: list[MadeKey] = []
    for request in requests:
        text = key_format.generate(request.kind.value)
        row = ApiKey(
            tenant_id=tenant.id,
            kind=request.kind,
            public_id=text.public_id,
            digest=text.digest,
            last_four=text.whole[-4:],
            name=request.name,
            source=request.source,
            permissions=None if request.permissions is None else sorted(request.permissions),
            maker=maker,
            expires_at=expiry(request.expires_at, maker=maker),
        )
        made.append(MadeKey(text.whole, row))
    with shared_scope():
        ApiKey.objects.bulk_create([key.row for key in made])
    return made


def _note_use(key: ApiKey) -> None:
    earlier = timezone.now() - USE_NOTED_EVERY
    if key.last_used_at is not None and key.last_used_at > earlier:
        return
    with shared_scope():
        # Of many requests that find it stale at once, the first writes.
        stale = Q(last_used_at=None) | Q(last_used_at__lte=earlier)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=timezone.now())


def _record(action: str, tenant: TenantRef, key: ApiKey, **details: str) -> None:
    with tenant_scope(tenant):
        log.record_all([_record_of(action, key, **details)])


def _record_of(action: str, key: ApiKey, **details: str) -> log.AuditRecord:
    facts: dict[str, JsonValue] = {
        "kind": key.kind,
        "name": key.name,
        "permissions": [permission.value for permission in sorted(permissions_of(key))],
        "expires_at": key.expires_at.isoformat(),
    }
    return log.AuditRecord(action, f"key:{key.public_id}", {**facts, **details})
