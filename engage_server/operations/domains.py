"""Changes under which host names a tenant is served, on record."""

from django.db import transaction

from engage_server.audit.log import record
from engage_server.tenancy import domains, services
from engage_server.tenancy.scope import tenant_scope


def add_domain(slug: str, domain: str, *, primary: bool = False) -> list[str]:
    """Serve a tenant under one more host name; return all, the primary one first.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``domains.add_domain``.
    """
    tenant = services.find_tenant(slug)
    with transaction.atomic():
        domains.add_domain(tenant.pk, domain, primary=primary)
        with tenant_scope(tenant.ref):
            record("domain.added", subject=domain[:200], details={"primary": primary})
    return domains.domains_of(tenant.pk)


def remove_domain(slug: str, domain: str) -> list[str]:
    """Serve a tenant under this host name no longer; return those that are left, the primary one first.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``domains.remove_domain``.
    """
    tenant = services.find_tenant(slug)
    with transaction.atomic():
        domains.remove_domain(tenant.pk, domain)
        with tenant_scope(tenant.ref):
            record("domain.removed", subject=domain[:200])
    return domains.domains_of(tenant.pk)
