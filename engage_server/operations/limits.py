"""Sets how much a tenant, or one of its keys, may use, on record."""

from django.db import transaction

from engage_server.access.limits import TENANT
from engage_server.access.models import ApiKey, Limit
from engage_server.audit.log import record
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.tenant_cache import invalidate_tenant


def set_limit(tenant: TenantRef, name: str, amount: int | None, *, key: ApiKey | None = None) -> None:
    """Set a limit of the tenant or of one of its keys; None goes back to the default. Felt within five seconds."""
    with transaction.atomic():
        with shared_scope():
            if amount is None:
                Limit.objects.filter(tenant_id=tenant.id, key=key, name=name).delete()
            else:
                Limit.objects.update_or_create(
                    tenant_id=tenant.id, key=key, name=name, defaults={"amount": amount}
                )
        with tenant_scope(tenant):
            holder = TENANT if key is None else f"key:{key.public_id}"
            record("limit.changed", subject=holder, details={"name": str(name), "amount": amount})
    invalidate_tenant(tenant.id)
