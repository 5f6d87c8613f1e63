"""Where a tenant's channels of mail may send besides to its members: domains that the operator names."""

import re
from collections.abc import Iterable
from typing import Final

from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.services import find_tenant

DOMAIN: Final = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
MOST: Final = 50


def set_mail_domains(slug: str, domains: Iterable[str]) -> list[str]:
    """Let mail to the tenant's own people go to these domains, and no others; returns them in order.

    Raises:
        UnknownTenantError: there is no such tenant.
        InvalidTenantError: one is no domain, or there are too many.
    """
    wanted = sorted({domain.lower() for domain in domains})
    for domain in wanted:
        if not DOMAIN.fullmatch(domain):
            raise InvalidTenantError(f"{domain[:100]!r} is no domain. Remedy: one such as example.com.")
    if len(wanted) > MOST:
        raise InvalidTenantError(f"There are {len(wanted)} domains. Remedy: name at most {MOST}.")
    tenant = find_tenant(slug)
    with shared_scope():
        Tenant.objects.filter(pk=tenant.pk).update(mail_domains=wanted)
    return wanted


def mail_domains_of(tenant_id: int) -> frozenset[str]:
    """The domains that the operator named for the tenant."""
    with shared_scope():
        rows = Tenant.objects.filter(pk=tenant_id).values_list("mail_domains", flat=True)
        return frozenset(domain for domains in rows for domain in domains)
