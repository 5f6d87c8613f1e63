"""Makes a tenant ready to use: above its schema come keys, starter plugins and schedules."""

from dataclasses import dataclass

from django.db import transaction

from engage_server.access.keys import create_key
from engage_server.access.models import ApiKey
from engage_server.engine.schedules import sync_schedules
from engage_server.plugin_host import activation
from engage_server.tenancy import services
from engage_server.tenancy.scope import TenantRef, tenant_scope


@dataclass(frozen=True, slots=True)
class Onboarded:
    """A new tenant and its keys, whose texts are not kept anywhere else."""

    tenant: TenantRef
    ingest_key: str
    query_key: str
    admin_key: str


def onboard(*, slug: str, name: str, domain: str, timezone: str, cadence: str = "DAILY") -> Onboarded:
    """Make a tenant ready to use, in one transaction: schema, role, keys, starter plugins, schedules.

    Raises:
        InvalidTenantError: says what is malformed or taken.
    """
    with transaction.atomic():
        tenant = services.create_tenant(
            slug=slug, name=name, domain=domain, timezone=timezone, cadence=cadence
        )
        with tenant_scope(tenant):
            activation.enable_starters()
        sync_schedules(tenant)
        return Onboarded(
            tenant=tenant,
            ingest_key=create_key(tenant, ApiKey.Kind.INGEST),
            query_key=create_key(tenant, ApiKey.Kind.QUERY),
            admin_key=create_key(tenant, ApiKey.Kind.ADMIN),
        )
