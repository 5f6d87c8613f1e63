"""Replays and discards quarantined items, on record. Works inside the tenant's scope."""

from dataclasses import asdict

from django.db import transaction
from django.db.models import QuerySet

from engage_server.audit.log import record
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.quarantine.replay import ReplayResult, replay


def replay_items(items: "QuerySet[QuarantinedItem]") -> ReplayResult:
    """Try each item again, in a transaction of its own; see ``ingest.quarantine.replay``."""
    result = replay(items)
    counts = asdict(result)
    if any(counts.values()):
        record("quarantine.replayed", details=counts)
    return result


def discard_items(items: "QuerySet[QuarantinedItem]") -> int:
    """Delete items; return how many."""
    with transaction.atomic():
        codes = sorted(set(items.values_list("code", flat=True)))
        deleted, _ = items.delete()
        if deleted:
            record("quarantine.discarded", details={"items": deleted, "codes": [*codes]})
    return deleted
