"""Puts names of the tenant in scope on the list, and finds out which ones are.

Each purpose is a list of its own: who wants no mail is taken in as ever.
"""

from collections.abc import Collection

from django.db.models import QuerySet

from engage_server.suppression.exceptions import UnknownPrivacyKeyError
from engage_server.suppression.hashing import key_id, name_digest, privacy_keys
from engage_server.suppression.models import SuppressedName
from engage_server.tenancy.scope import current_tenant, shared_scope

Purpose = SuppressedName.Purpose


def add_names(names: Collection[str], *, erased: bool = False) -> None:
    """Put the names on the list, in the caller's transaction; ``erased``: as tombstones. Safe to repeat."""
    tenant, key = current_tenant(), privacy_keys()[0]
    digests = [name_digest(key, schema=tenant.schema, name=name) for name in sorted(set(names))]
    with shared_scope():
        SuppressedName.objects.bulk_create(
            (
                SuppressedName(tenant_id=tenant.id, key_id=key_id(key), digest=digest, is_erased=erased)
                for digest in digests
            ),
            ignore_conflicts=True,
        )
        if erased:
            _listed(Purpose.INTAKE).filter(digest__in=digests).update(is_erased=True)


def remove_names(names: Collection[str]) -> int:
    """Take the names off the list, in the caller's transaction; return how many were on it."""
    tenant = current_tenant()
    digests = [name_digest(key, schema=tenant.schema, name=name) for key in privacy_keys() for name in names]
    with shared_scope():
        removed, _ = _listed(Purpose.INTAKE).filter(digest__in=digests).delete()
    return removed


def add_digest(key: str, digest: bytes, purpose: Purpose) -> bool:
    """Put a name on a purpose's list by its hash, made with the key of this id; return whether it is news."""
    with shared_scope():
        _, is_new = SuppressedName.objects.get_or_create(
            tenant_id=current_tenant().id, purpose=purpose, digest=digest, defaults={"key_id": key}
        )
    return is_new


def remove_digest(digest: bytes, purpose: Purpose) -> bool:
    """Take a name off a purpose's list by its hash; return whether it was on it."""
    with shared_scope():
        removed, _ = _listed(purpose).filter(digest=digest).delete()
    return removed > 0


def purposes_of(digest: bytes) -> frozenset[Purpose]:
    """The lists on which a hash is."""
    with shared_scope():
        listed = SuppressedName.objects.filter(tenant_id=current_tenant().id, digest=digest)
        return frozenset(Purpose(one) for one in listed.values_list("purpose", flat=True))


def keys_in_use(purpose: Purpose = Purpose.INTAKE) -> tuple[bytes, ...]:
    """The keys that hashes of the tenant were made with; none where its list is empty.

    Raises:
        UnknownPrivacyKeyError: one of them is not among this process's keys.
    """
    with shared_scope():
        used = set(_listed(purpose).values_list("key_id", flat=True).distinct())
    if not used:
        return ()
    keys = {key_id(key): key for key in privacy_keys()}
    if missing := sorted(used - keys.keys()):
        raise UnknownPrivacyKeyError(
            f"The suppression list of {current_tenant().slug!r} was hashed with the key {', '.join(missing)}, which is "
            "not known here. Remedy: add that key to ENGAGE_PRIVACY_KEYS, or copy privacy-key into the data directory."
        )
    return tuple(keys[name] for name in sorted(used))


def suppressed_among(
    names: Collection[str],
    *,
    keys: Collection[bytes] | None = None,
    erased_only: bool = False,
    purpose: Purpose = Purpose.INTAKE,
) -> frozenset[str]:
    """Those of the names that are on the tenant's list; one statement.

    Args:
        names: user ids and anonymous ids; of the other purposes what their hashes were made of.
        keys: what ``keys_in_use`` said, where the caller has asked.
        erased_only: those whose data were erased, and not merely suppressed.
        purpose: which list.

    Raises:
        UnknownPrivacyKeyError: as ``keys_in_use``.
    """
    tenant = current_tenant()
    digests = {
        name_digest(key, schema=tenant.schema, name=name): name
        for key in (keys_in_use(purpose) if keys is None else keys)
        for name in names
    }
    if not digests:
        return frozenset()
    with shared_scope():
        listed = _listed(purpose).filter(digest__in=list(digests))
        if erased_only:
            listed = listed.filter(is_erased=True)
        return frozenset(digests[bytes(digest)] for digest in listed.values_list("digest", flat=True))


def _listed(purpose: Purpose) -> QuerySet[SuppressedName]:
    return SuppressedName.objects.filter(tenant_id=current_tenant().id, purpose=purpose)
