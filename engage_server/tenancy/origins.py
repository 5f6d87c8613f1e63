"""Which web pages may ask a tenant, by their origin (``https://app.example.com``).

A tenant that names none takes tracking calls from any page, since what those present is a key that may be public,
and lets no other page read its answers.
"""

import re
from collections.abc import Iterable
from typing import Final

from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Domain, Tenant
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.services import find_tenant
from engage_server.tenancy.tenant_cache import NO_TENANT, invalidate_tenant
from engage_server.tenancy.ttl_cache import TtlCache

ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
_origins: Final[TtlCache[int, frozenset[str]]] = TtlCache(capacity=4_096)
_owners: Final[TtlCache[str, int]] = TtlCache(capacity=4_096)


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
    invalidate_tenant(tenant.pk)
    return wanted


def origins_of(tenant_id: int) -> frozenset[str]:
    """The origins that the tenant names; empty where it names none."""
    return _origins.get_or_load(tenant_id, lambda: (tenant_id, _read_origins(tenant_id)))


def origins_at(host: str) -> frozenset[str] | None:
    """The origins of the tenant that has this host name; None where the host is nobody's, such as localhost."""
    owner = _owners.get_or_load(host, lambda: (_read_owner(host),) * 2)
    return None if owner == NO_TENANT else origins_of(owner)


def _read_origins(tenant_id: int) -> frozenset[str]:
    with shared_scope():
        rows = Tenant.objects.filter(pk=tenant_id).values_list("allowed_origins", flat=True)
        return frozenset(origin for origins in rows for origin in origins)


def _read_owner(host: str) -> int:
    with shared_scope():
        owner = Domain.objects.filter(domain=host.lower()).values_list("tenant_id", flat=True).first()
    return NO_TENANT if owner is None else owner
