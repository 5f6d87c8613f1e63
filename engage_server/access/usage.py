"""How much of its limits a tenant has used. Portions that processes hold count as used."""

from collections.abc import Mapping

from django.utils import timezone

from engage_server.access.limits import DAILY_EVENTS, EVENTS, POINTS, TENANT, Name, defaults
from engage_server.access.models import Bucket
from engage_server.tenancy.scope import TenantRef, shared_scope


def usage_of(tenant: TenantRef, amounts: Mapping[str, int]) -> Mapping[str, int]:
    """What is used now of each limit that fills a bucket: of events since the day (UTC) began, of the others what has not
    drained yet.

    Args:
        tenant: whose.
        amounts: the tenant's limits by name, as far as they were set.
    """
    limits = defaults() | dict(amounts)
    buckets = {EVENTS: Name.EVENTS_PER_SECOND, DAILY_EVENTS: Name.EVENTS_PER_DAY, POINTS: Name.QUERY_POINTS}
    rates = {
        EVENTS: limits[Name.EVENTS_PER_SECOND],
        DAILY_EVENTS: 0,
        POINTS: limits[Name.QUERY_POINTS_PER_SECOND],
    }
    now = timezone.now()
    used: dict[str, int] = dict.fromkeys(buckets.values(), 0)
    with shared_scope():
        rows = list(Bucket.objects.filter(tenant_id=tenant.id, holder=TENANT, budget__in=buckets))
    for row in rows:
        drained = rates[row.budget] * (now - row.moved_at).total_seconds()
        is_of_today = row.budget != DAILY_EVENTS or row.moved_at.date() == now.date()
        used[buckets[row.budget]] = round(max(0.0, row.used - max(0.0, drained))) if is_of_today else 0
    return used
