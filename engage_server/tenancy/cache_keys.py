"""Keys of Django's caches: each tenant has its own, and code outside any scope has none."""

from engage_server.tenancy.exceptions import NoTenantError
from engage_server.tenancy.scope import current_scope


def scoped_key(key: str, prefix: str, version: int) -> str:
    """The key as the cache stores it: with the schema of the scope in force, so that tenants never share an entry.

    Raises:
        NoTenantError: there is no scope.
    """
    scope = current_scope()
    if scope is None:
        raise NoTenantError(
            f"The cache was asked for {key!r} outside any scope. Remedy: ask inside `with tenant_scope(tenant):`, "
            "or `with shared_scope():` for what belongs to no tenant."
        )
    # A schema's name has no colon, so that no key of one tenant can be spelt to be another's.
    return f"{scope.schema}:{prefix}:{version}:{key}"
