"""Replays quarantined items by the path that they came: what can now be taken is stored and leaves."""

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from engage_server.ingest.delivery import Conventions, Delivery
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.outcomes import Outcome, OutcomeKind
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.protocols.registry import TRANSLATIONS
from engage_server.ingest.source_rules import apply_source_rules
from engage_server.tenancy.scope import current_tenant

LEAVING: Final = (OutcomeKind.STORED, OutcomeKind.DUPLICATE, OutcomeKind.DROPPED)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """How many items were stored, or had been meanwhile, and left; how many stay.

    ``dropped`` left without being stored: their persons are suppressed or have withdrawn consent.
    """

    stored: int = 0
    duplicates: int = 0
    kept: int = 0
    dropped: int = 0


def replay(items: "QuerySet[QuarantinedItem]") -> ReplayResult:
    """Try each item again, in a transaction of its own, inside the tenant's scope; it may be repeated at any time.

    Times are corrected as of the first delivery, so an event lands where it would have landed then.
    """
    kinds: Counter[OutcomeKind] = Counter()
    for number in list(items.values_list("id", flat=True)):
        with transaction.atomic():
            item = QuarantinedItem.objects.select_for_update(skip_locked=True).filter(id=number).first()
            if item is None:
                continue
            outcome = _ingest(item)
            # What must be kept out is kept nowhere, here neither.
            if outcome.kind in LEAVING:
                item.delete()
        kinds[outcome.kind] += 1
    stored, duplicates, dropped = (kinds.pop(kind, 0) for kind in LEAVING)
    return ReplayResult(stored, duplicates, kept=kinds.total(), dropped=dropped)


def _ingest(item: QuarantinedItem) -> Outcome:
    delivery = Delivery(
        item.protocol,
        item.source,
        item.received_at,
        sent_at=None if item.sent_at is None else item.sent_at.isoformat(),
        kind=item.kind,
        conventions=Conventions.of(current_tenant()),
    )
    translate = partial(TRANSLATIONS[item.protocol], delivery=delivery)
    receipt = ingest_items(
        [item.payload.encode()],
        translate=apply_source_rules(translate, source=item.source, received_at=item.received_at),
        delivery=delivery,
        quarantines=False,
    )
    (outcome,) = receipt.outcomes
    return outcome
