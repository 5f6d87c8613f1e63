"""Which web pages may ask a tenant, by their origin (``https://app.example.com``).

A tenant that names none takes tracking calls from any page, since what those present is a key that may be public,
and lets no other page read its answers.
"""

import re
from collections.abc import Iterable
from typing import Final

from django.core.cache import cache
from django.db.models import QuerySet

from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Domain, Tenant
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.services import find_tenant

ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
# As long as a revoked key may still open: other processes learn of a change this late.
REMEMBERED_S: Final = 4.0


def set_origins(slug: str, origins: Iterable[str]) -> list[str]:
    """Let these pages ask the tenant, and no others; none lifts the restriction. Returns them in order.

    Raises:
        UnknownTenantError: there is no such tenant.
        InvalidTenantError: one is no origin.
    """
    wanted = sorted({origin.rstrip("/") for origin in origins})
    for origin in wanted:
        if not ORIGIN.fullmatch(origin):
            raise InvalidTenantError(
                f"{origin!r} is no origin. Remedy: scheme and host, lower case, without a path: https://app.example.com."
            )
    tenant = find_tenant(slug)
    with shared_scope():
        Tenant.objects.filter(pk=tenant.pk).update(allowed_origins=wanted)
        cache.delete(f"origins:tenant:{tenant.pk}")
    return wanted


def origins_of(tenant_id: int) -> frozenset[str]:
    """The origins that the tenant names; empty where it names none."""
    return _cached_origins(f"origins:tenant:{tenant_id}", Tenant.objects.filter(pk=tenant_id))


def origins_at(host: str) -> frozenset[str] | None:
    """The origins of the tenant that has this host name; None where the host is nobody's, such as localhost."""
    with shared_scope():
        key = f"origins:host:{host}"
        if (owner := cache.get(key)) is None:
            found = Domain.objects.filter(domain=host.lower()).values_list("tenant_id", flat=True).first()
            owner = found or 0
            cache.set(key, owner, REMEMBERED_S)
    return origins_of(owner) if owner else None


def _cached_origins(key: str, tenants: QuerySet[Tenant]) -> frozenset[str]:
    with shared_scope():
        found: frozenset[str] | None = cache.get(key)
        if found is None:
            rows = tenants.values_list("allowed_origins", flat=True)
            found = frozenset(origin for origins in rows for origin in origins)
            cache.set(key, found, REMEMBERED_S)
    return found
