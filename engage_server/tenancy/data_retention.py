"""How long a tenant's raw events are kept."""

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.services import find_tenant
from engage_server.tenancy.tenant_cache import invalidate_tenant

PERIOD: Final = re.compile(r"(?P<days>[1-9][0-9]{0,4})d\Z")
FOREVER: Final = "forever"


def kept_from(tenant: TenantRef) -> date | None:
    """The first day of the tenant's calendar whose raw events are kept; None where all are."""
    return first_kept(tenant.zone, tenant.events_keep_days)


def first_kept(zone: tzinfo, keep_days: int | None) -> date | None:
    """The first day whose events are kept where that is for so many days; None where all are."""
    return None if keep_days is None else datetime.now(zone).date() - timedelta(days=keep_days)


def read_period(text: str) -> int | None:
    """Days in a text such as ``400d``; None for ``forever``.

    Raises:
        InvalidTenantError: it is neither.
    """
    match = PERIOD.match(text)
    if match is None and text != FOREVER:
        raise InvalidTenantError(
            f"{text!r} is no retention period. Remedy: a number of days such as 400d, or {FOREVER}."
        )
    return int(match["days"]) if match else None


def set_retention(slug: str, *, events_keep_days: int | None) -> TenantRef:
    """Keep raw events for so many days from now on (None: forever); processes follow within seconds.

    Raises:
        UnknownTenantError: there is none of this slug.
    """
    tenant = find_tenant(slug)
    with shared_scope():
        Tenant.objects.filter(pk=tenant.pk).update(events_keep_days=events_keep_days)
    invalidate_tenant(tenant.pk)
    return find_tenant(slug).ref
