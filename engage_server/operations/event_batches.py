"""Takes small batches of events in by request, item by item as tracking does, on record. Inside the tenant's scope."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import msgspec
from django.db import transaction

from engage_server.audit.log import record
from engage_server.ingest.delivery import Conventions, Delivery
from engage_server.ingest.outcomes import Outcome
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.protocols.segment.translation import translate
from engage_server.ingest.source_rules import apply_source_rules
from engage_server.operations.exceptions import RefusedWriteError
from engage_server.operations.stored_records import SOURCE
from engage_server.tenancy.scope import current_tenant

PROTOCOL: Final = "segment"
LONGEST_SOURCE: Final = 63
MOST_EVENTS: Final = 100


def send_events(calls: Sequence[Mapping[str, Any]], *, source: str = SOURCE) -> Sequence[Outcome]:
    """Store track calls, each by itself; say what became of each, in their order.

    Args:
        calls: as in the tracking specification of ``/v1/batch``; message ids are unique within the source.
        source: the name of the source; what it is (test, client) decides as for any other road.

    Raises:
        RefusedWriteError: there are none or too many, or the source's name is none; nothing was stored.
    """
    if not 1 <= len(calls) <= MOST_EVENTS:
        raise RefusedWriteError(
            f"There are {len(calls)} events. Remedy: 1 to {MOST_EVENTS}; more go to `/v1/batch`.",
            field="events",
        )
    if not 1 <= len(source) <= LONGEST_SOURCE:
        raise RefusedWriteError(
            f"The source's name has {len(source)} characters. Remedy: 1 to {LONGEST_SOURCE}.", field="source"
        )
    now = datetime.now(UTC)
    delivery = Delivery(PROTOCOL, source, now, conventions=Conventions.of(current_tenant()))
    translated = apply_source_rules(partial(translate, delivery=delivery), source=source, received_at=now)
    with transaction.atomic():
        raws = [msgspec.json.encode(call) for call in calls]
        receipt = ingest_items(raws, translate=translated, delivery=delivery)
        details = {
            "events": len(calls),
            "duplicates": receipt.duplicates,
            "rejected": len(receipt.rejected),
        }
        record("events.sent", subject=f"source {source}", details=details)
    return receipt.outcomes
