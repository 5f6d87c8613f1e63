"""Removes quarantined items that are older than their tenant keeps events. Inside the tenant's scope."""

from datetime import datetime

from engage_server.ingest.models import QuarantinedItem


def remove_quarantined_before(moment: datetime, *, limit: int) -> int:
    """Delete up to ``limit`` items received before the moment; return how many."""
    numbers = QuarantinedItem.objects.filter(received_at__lt=moment).order_by("received_at")[:limit]
    deleted, _ = QuarantinedItem.objects.filter(pk__in=list(numbers.values_list("pk", flat=True))).delete()
    return deleted
