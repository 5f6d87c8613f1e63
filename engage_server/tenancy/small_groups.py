"""Of how few persons a tenant shows values to who may not see personal data."""

from typing import Final

from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.services import find_tenant
from engage_server.tenancy.tenant_cache import invalidate_tenant

MOST: Final = 1_000  # persons: a mistyped number would else hide every value


def set_minimum_persons(slug: str, persons: int) -> TenantRef:
    """Withhold values of fewer persons from now on (1: none); processes follow within seconds.

    Raises:
        UnknownTenantError: there is none of this slug.
        InvalidTenantError: it is no such number.
    """
    if not 1 <= persons <= MOST:
        raise InvalidTenantError(
            f"A minimum of {persons} persons is none. Remedy: 1 (nothing is withheld) to {MOST}."
        )
    tenant = find_tenant(slug)
    with shared_scope():
        Tenant.objects.filter(pk=tenant.pk).update(minimum_persons=persons)
    invalidate_tenant(tenant.pk)
    return find_tenant(slug).ref
