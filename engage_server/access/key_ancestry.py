"""Which keys came of which: what a key made, by creating or rotating, and what those made in turn."""

from collections.abc import Sequence

from engage_server.access.models import ApiKey
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope


def lock_ancestry(tenant: TenantRef) -> None:
    """Let nobody else make keys with keys of the tenant, or revoke any, until the transaction ends."""
    with shared_scope():
        # Else a key could make another while it is revoked, and the other would stay.
        list(Tenant.objects.select_for_update(no_key=True).filter(pk=tenant.id).values_list("pk"))


def descendants_of(key: ApiKey) -> list[ApiKey]:
    """The keys that it made, and those that these made, and so on; the elder first."""
    found: list[ApiKey] = []
    generation: Sequence[ApiKey] = [key]
    with shared_scope():
        while generation:
            generation = list(ApiKey.objects.filter(maker__in=generation))
            found.extend(generation)
    return found


def is_descendant(key: ApiKey, elder: str) -> bool:
    """Whether the key is the one of this public id, or came of it."""
    with shared_scope():
        ancestor: ApiKey | None = key
        while ancestor is not None and ancestor.public_id != elder:
            ancestor = ancestor.maker
    return ancestor is not None
