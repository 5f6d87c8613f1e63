"""Puts names of the tenant in scope on the list, and finds out which ones are."""

from collections.abc import Collection

from engage_server.suppression.exceptions import UnknownPrivacyKeyError
from engage_server.suppression.hashing import key_id, name_digest, privacy_keys
from engage_server.suppression.models import SuppressedName
from engage_server.tenancy.scope import current_tenant, shared_scope


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
            SuppressedName.objects.filter(tenant_id=tenant.id, digest__in=digests).update(is_erased=True)


def remove_names(names: Collection[str]) -> int:
    """Take the names off the list, in the caller's transaction; return how many were on it."""
    tenant = current_tenant()
    digests = [name_digest(key, schema=tenant.schema, name=name) for key in privacy_keys() for name in names]
    with shared_scope():
        removed, _ = SuppressedName.objects.filter(tenant_id=tenant.id, digest__in=digests).delete()
    return removed


def keys_in_use() -> tuple[bytes, ...]:
    """The keys that hashes of the tenant were made with; none where its list is empty.

    Raises:
        UnknownPrivacyKeyError: one of them is not among this process's keys.
    """
    with shared_scope():
        used = set(
            SuppressedName.objects.filter(tenant_id=current_tenant().id)
            .values_list("key_id", flat=True)
            .distinct()
        )
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
    names: Collection[str], *, keys: Collection[bytes] | None = None, erased_only: bool = False
) -> frozenset[str]:
    """Those of the names that are on the tenant's list; one statement.

    Args:
        names: user ids and anonymous ids.
        keys: what ``keys_in_use`` said, where the caller has asked.
        erased_only: those whose data were erased, and not merely suppressed.

    Raises:
        UnknownPrivacyKeyError: as ``keys_in_use``.
    """
    tenant = current_tenant()
    digests = {
        name_digest(key, schema=tenant.schema, name=name): name
        for key in (keys_in_use() if keys is None else keys)
        for name in names
    }
    if not digests:
        return frozenset()
    with shared_scope():
        listed = SuppressedName.objects.filter(tenant_id=tenant.id, digest__in=list(digests))
        if erased_only:
            listed = listed.filter(is_erased=True)
        return frozenset(digests[bytes(digest)] for digest in listed.values_list("digest", flat=True))
