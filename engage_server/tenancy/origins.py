"""Which web pages may ask a tenant, by their origin (``https://app.example.com``).

A tenant that names none takes tracking calls from any page, since what those present is a key that may be public,
and lets no other page read its answers. Those that it calls acting may besides use the session of whoever is signed in.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Domain, Tenant
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.services import find_tenant
from engage_server.tenancy.tenant_cache import NO_TENANT, invalidate_tenant
from engage_server.tenancy.ttl_cache import TtlCache

ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
# What plain HTTP brings, whoever carries it can change; of a developer's own machine nobody does.
SAFE_TO_ACT: Final = re.compile(
    r"https://.*|http://([a-z0-9-]+\.)*localhost(:[0-9]+)?|http://127\.0\.0\.1(:[0-9]+)?"
)


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that a tenant names, and those of them whose pages may act as who is signed in."""

    named: frozenset[str] = frozenset()
    acting: frozenset[str] = frozenset()


_origins: Final[TtlCache[int, Origins]] = TtlCache(capacity=4_096)
_owners: Final[TtlCache[str, int]] = TtlCache(capacity=4_096)


def set_origins(slug: str, origins: Iterable[str], *, acting: Iterable[str] | None = None) -> Origins:
    """Let these pages ask the tenant, and no others; none lifts the restriction.

    Args:
        slug: of the tenant.
        origins: all that are named from now on.
        acting: those whose pages may act as who is signed in; None: those that may already, as far as they are named.

    Raises:
        UnknownTenantError: there is no such tenant.
        InvalidTenantError: one is no origin, or may not act.
    """
    wanted = {origin.rstrip("/") for origin in origins}
    for origin in sorted(wanted):
        if not ORIGIN.fullmatch(origin):
            raise InvalidTenantError(
                f"{origin!r} is no origin. Remedy: scheme and host, lower case, without a path: https://app.example.com."
            )
    tenant = find_tenant(slug)
    kept = wanted.intersection(tenant.acting_origins)
    chosen = kept if acting is None else {origin.rstrip("/") for origin in acting}
    _require_fit_to_act(chosen, wanted)
    with shared_scope():
        Tenant.objects.filter(pk=tenant.pk).update(
            allowed_origins=sorted(wanted), acting_origins=sorted(chosen)
        )
    invalidate_tenant(tenant.pk)
    return Origins(frozenset(wanted), frozenset(chosen))


def _require_fit_to_act(chosen: Collection[str], wanted: Collection[str]) -> None:
    for origin in sorted(chosen):
        if origin not in wanted:
            raise InvalidTenantError(
                f"{origin!r} is to act and is not named. Remedy: name it among the origins, too."
            )
        if not SAFE_TO_ACT.fullmatch(origin):
            raise InvalidTenantError(
                f"{origin!r} is served by plain HTTP, so that its pages may not act. Remedy: serve it by https."
            )


def origins_of(tenant_id: int) -> Origins:
    """The origins that the tenant names."""
    return _origins.get_or_load(tenant_id, lambda: (tenant_id, _read_origins(tenant_id)))


def origins_at(host: str) -> Origins | None:
    """The origins of the tenant that has this host name; None where the host is nobody's, such as localhost."""
    owner = _owners.get_or_load(host, lambda: (_read_owner(host),) * 2)
    return None if owner == NO_TENANT else origins_of(owner)


def may_act_at(host: str, origin: str) -> bool:
    """Whether pages of the origin may use the session of who is signed in at this host: never at one that is nobody's."""
    found = origins_at(host)
    return found is not None and origin in found.acting


def _read_origins(tenant_id: int) -> Origins:
    with shared_scope():
        row = (
            Tenant.objects.filter(pk=tenant_id).values_list("allowed_origins", "acting_origins").first()
        ) or ((), ())
    return Origins(*map(frozenset, row))


def _read_owner(host: str) -> int:
    with shared_scope():
        owner = Domain.objects.filter(domain=host.lower()).values_list("tenant_id", flat=True).first()
    return NO_TENANT if owner is None else owner
