"""Changes what a tenant is called, which calendar it lives by and where it is served, on record."""

from django.db import transaction

from engage_server.audit.log import record
from engage_server.engine import due_runs, ledger
from engage_server.engine.restatement import restate_calendar
from engage_server.tenancy import domains, services
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope, tenant_scope


def change_tenant(slug: str, *, name: str = "", timezone: str = "", cadence: str = "") -> Tenant:
    """Change what is given. In another time zone the days of the calendar begin at other hours: roll-ups are built
    anew, schedules planned anew, and every stored day is computed once more.

    Raises:
        UnknownTenantError: there is none of this slug.
        InvalidTenantError: name, zone or cadence is none; says which.
    """
    with transaction.atomic():
        with shared_scope():
            Tenant.objects.select_for_update(no_key=True).filter(slug=slug).first()
        former = services.find_tenant(slug)
        tenant = services.set_facts(slug, name=name, timezone=timezone, cadence=cadence)
        changed = {
            field: getattr(tenant, field)
            for field in ("name", "timezone", "cadence")
            if getattr(tenant, field) != getattr(former, field)
        }
        if not changed:
            return tenant
        with tenant_scope(tenant.ref):
            record("tenant.changed", subject=slug, details=changed)
        if "timezone" in changed:
            # What is under way computes days of the former calendar.
            ledger.take_back(tenant.pk)
            due_runs.replan_moved_tenants()
            restate_calendar(tenant.ref)
    return tenant


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
