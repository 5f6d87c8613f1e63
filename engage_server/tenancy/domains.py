"""The host names under which a tenant is served."""

import re
from typing import Final

from django.db import transaction

from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Domain, Tenant
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.tenant_cache import NO_TENANT, invalidate_tenant

HOST: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
LONGEST: Final = 253
MOST: Final = 100


def domains_of(tenant_id: int) -> list[str]:
    """A tenant's domains, the primary one first."""
    with shared_scope():
        rows = Domain.objects.filter(tenant_id=tenant_id).order_by("-is_primary", "id")
        return list(rows.values_list("domain", flat=True))


def add_domain(tenant_id: int, domain: str, *, primary: bool = False) -> None:
    """Serve the tenant under one more host name.

    Raises:
        InvalidTenantError: it is none, belongs to a tenant already, or there are too many.
    """
    check_domain(domain)
    with shared_scope(), transaction.atomic():
        _hold(tenant_id)
        require_free(domain)
        if Domain.objects.filter(tenant_id=tenant_id).count() >= MOST:
            raise InvalidTenantError(f"A tenant has {MOST} domains at most. Remedy: remove one first.")
        if primary:
            Domain.objects.filter(tenant_id=tenant_id).update(is_primary=False)
        Domain.objects.bulk_create([Domain(tenant_id=tenant_id, domain=domain, is_primary=primary)])
    _invalidate(tenant_id)


def remove_domain(tenant_id: int, domain: str) -> None:
    """Serve the tenant under this host name no longer; the oldest other one is primary where it was.

    Raises:
        InvalidTenantError: the tenant has no such domain, or no other.
    """
    with shared_scope(), transaction.atomic():
        _hold(tenant_id)
        rows = {row.domain: row for row in Domain.objects.filter(tenant_id=tenant_id).order_by("id")}
        if domain not in rows:
            raise InvalidTenantError(
                f"The tenant has no domain {domain[:LONGEST]!r}. Remedy: one of these: {', '.join(rows)}."
            )
        if len(rows) == 1:
            raise InvalidTenantError(
                f"{domain!r} is the tenant's only domain. Remedy: add another one first."
            )
        gone = rows.pop(domain)
        gone.delete()
        if gone.is_primary:
            Domain.objects.filter(pk=next(iter(rows.values())).pk).update(is_primary=True)
    _invalidate(tenant_id)


def check_domain(domain: str) -> None:
    """Raise unless this is a host name.

    Raises:
        InvalidTenantError: names the remedy.
    """
    if not HOST.match(domain):
        raise InvalidTenantError(
            f"The domain {domain[:LONGEST]!r} is no host name. Remedy: lower case, no scheme, no port, e.g. acme.localhost."
        )


def require_free(domain: str) -> None:
    """Raise where a tenant has the domain; inside the shared scope.

    Raises:
        InvalidTenantError: names the remedy.
    """
    if Domain.objects.filter(domain=domain).exists():
        raise InvalidTenantError(
            f"The domain {domain!r} belongs to a tenant already. Remedy: choose another."
        )


def _hold(tenant_id: int) -> None:
    """One change of a tenant's domains at a time."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)


def _invalidate(tenant_id: int) -> None:
    invalidate_tenant(tenant_id)
    # That the host was nobody's until now.
    invalidate_tenant(NO_TENANT)
