"""Makes, rotates and revokes the API keys of tenants, on record."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from pydantic import JsonValue

from engage_server.access import key_format
from engage_server.access.exceptions import KeyRequestError, UnknownKeyError
from engage_server.access.key_ancestry import descendants_of, lock_ancestry
from engage_server.access.key_rules import check_permissions, expiry, is_in_force, permissions_of
from engage_server.access.keys import find_key
from engage_server.access.models import ApiKey, Limit
from engage_server.access.principal import Permission
from engage_server.audit import log
from engage_server.tenancy.cells import own_name
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.tenant_cache import invalidate_tenant

LONGEST_OVERLAP: Final = timedelta(days=30)
MOST_CHARACTERS: Final = {"name": 100, "source": 63}


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
        KeyRequestError: its name or source is too long, its kind cannot have a permission, or its end is past or too
            far away.
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
        _check(request)
    with transaction.atomic():
        giver = None if maker is None else _lock_maker(tenant, maker)
        made = _insert(tenant, requests, maker=giver)
        if giver is not None:
            for key in made:
                _hand_down_limits([giver], heir=key.row)
        with tenant_scope(tenant):
            log.record_all([_describe("key.created", key.row) for key in made])
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
        giver = None if maker is None else _lock_maker(tenant, maker)
        old = _lock(tenant, public_id)
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
                    _describe("key.revoked", key),
                    *(_describe("key.revoked", one, line=public_id) for one in line[1:]),
                ]
            )
    invalidate_tenant(tenant.id)
    return tuple(one.public_id for one in line)


def _check(request: KeyRequest) -> None:
    for field, limit in MOST_CHARACTERS.items():
        if len(getattr(request, field)) > limit:
            raise KeyRequestError(f"`{field}` is longer than {limit} characters. Remedy: shorten it.")
    if request.permissions is not None:
        check_permissions(request.kind, request.permissions)


def _lock(tenant: TenantRef, public_id: str) -> ApiKey:
    with shared_scope():
        mine = ApiKey.objects.select_for_update().filter(tenant_id=tenant.id, public_id=public_id)
        return _require_in_force(mine.first(), public_id)


def _lock_maker(tenant: TenantRef, public_id: str) -> ApiKey:
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
        text = key_format.generate(request.kind.value, cell=own_name())
        row = ApiKey(
            tenant_id=tenant.id,
            kind=request.kind,
            public_id=text.public_id,
            cell=text.cell,
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


def _record(action: str, tenant: TenantRef, key: ApiKey, **details: str) -> None:
    with tenant_scope(tenant):
        log.record_all([_describe(action, key, **details)])


def _describe(action: str, key: ApiKey, **details: str) -> log.AuditRecord:
    facts: dict[str, JsonValue] = {
        "kind": key.kind,
        "name": key.name,
        "permissions": [permission.value for permission in sorted(permissions_of(key))],
        "expires_at": key.expires_at.isoformat(),
    }
    return log.AuditRecord(action, f"key:{key.public_id}", {**facts, **details})
