"""Reads quarantined items again, by the path that they came: what can now be taken is stored and leaves."""

from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from pydantic import JsonValue

from engage_server.audit.log import record
from engage_server.ingest.delivery import Conventions, Delivery
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.privacy_filter import PRIVACY_CODES
from engage_server.ingest.protocols.registry import TRANSLATIONS
from engage_server.ingest.source_rules import apply_source_rules
from engage_server.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many items were stored, or had been meanwhile, and left; how many stay.

    ``withheld`` left without being stored: their persons are suppressed or have withdrawn consent.
    """

    stored: int = 0
    duplicates: int = 0
    kept: int = 0
    withheld: int = 0


def quarantined(*, code: str = "", source: str = "") -> "QuerySet[QuarantinedItem]":
    """What lies in the quarantine of the tenant in scope, oldest first; of one code or source if named."""
    chosen = QuarantinedItem.objects.order_by("id")
    if code:
        chosen = chosen.filter(code=code)
    return chosen.filter(source=source) if source else chosen


def replay(items: "QuerySet[QuarantinedItem]") -> Replayed:
    """Try each item again, in a transaction of its own, inside the tenant's scope; it may be repeated at any time.

    Times are corrected as of the first delivery, so an event lands where it would have landed then.
    """
    stored = duplicates = kept = withheld = 0
    for number in list(items.values_list("id", flat=True)):
        with transaction.atomic():
            item = QuarantinedItem.objects.select_for_update(skip_locked=True).filter(id=number).first()
            if item is None:
                continue
            delivery = Delivery(
                item.protocol,
                item.source,
                item.received_at,
                sent_at=_text_of(item),
                kind=item.kind,
                conventions=Conventions.of(current_tenant()),
            )
            translate = partial(TRANSLATIONS[item.protocol], delivery=delivery)
            receipt = ingest_items(
                [item.payload.encode()],
                source=item.source,
                translate=apply_source_rules(translate, source=item.source, received_at=item.received_at),
                origin=None,
            )
            # What must be kept out is kept nowhere, here neither.
            if all(reject.code in PRIVACY_CODES for reject in receipt.rejected):
                item.delete()
        stored += receipt.accepted
        duplicates += receipt.duplicates
        kept += sum(reject.code not in PRIVACY_CODES for reject in receipt.rejected)
        withheld += sum(reject.code in PRIVACY_CODES for reject in receipt.rejected)
    if stored or duplicates or kept or withheld:
        done: dict[str, JsonValue] = {
            "stored": stored,
            "duplicates": duplicates,
            "kept": kept,
            "withheld": withheld,
        }
        record("quarantine.replayed", details=done)
    return Replayed(stored, duplicates, kept, withheld)


def _text_of(item: QuarantinedItem) -> str | None:
    return None if item.sent_at is None else item.sent_at.isoformat()
