"""Keeps refused items with the reason and with what is needed to read them again, up to the quota."""

import logging
from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet

from engage_server.ingest.delivery import Delivery
from engage_server.ingest.items import Reject
from engage_server.ingest.limits import KEPT_AT_ONCE, MAX_ITEM_BYTES
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.quarantine.quota import reserve
from engage_server.ingest.timestamps import parse_time
from engage_server.telemetry import counters

MAX_MESSAGE_LENGTH: Final = 2_000
KEY_MASK: Final = "[key]"
log = logging.getLogger("engage.ingest")


def quarantine(rejects: Sequence[Reject], *, delivery: Delivery) -> None:
    """Keep the rejects inside the tenant's scope and the caller's transaction; a statement for every few hundred.

    Items beyond the quota are not kept, which a counter and a line of the log say; the client learns of their refusal
    as of any other.
    """
    if not rejects:
        return
    items = [_item(reject, delivery) for reject in rejects]
    kept = reserve([len(item.payload.encode()) + len(item.message.encode()) for item in items])
    QuarantinedItem.objects.bulk_create(items[:kept], batch_size=KEPT_AT_ONCE)
    if kept < len(items):
        counters.count_not_kept(len(items) - kept)
        log.warning(
            "The quarantine is full: %s refused items were not kept. Remedy: replay or delete what lies there.",
            len(items) - kept,
            extra={"action": "quarantine_full", "source": delivery.source, "items": len(items) - kept},
        )


def find_items(*, code: str = "", source: str = "") -> "QuerySet[QuarantinedItem]":
    """What lies in the quarantine of the tenant in scope, oldest first; of one code or source if named."""
    chosen = QuarantinedItem.objects.order_by("id")
    if code:
        chosen = chosen.filter(code=code)
    return chosen.filter(source=source) if source else chosen


def _item(reject: Reject, delivery: Delivery) -> QuarantinedItem:
    return QuarantinedItem(
        source=delivery.source,
        protocol=delivery.protocol,
        kind=delivery.kind,
        sent_at=parse_time(delivery.sent_at),
        received_at=delivery.received_at,
        code=reject.code,
        message=_escape_unstorable(reject.message)[:MAX_MESSAGE_LENGTH],
        payload=_escape_unstorable(_mask_key(reject.payload, delivery.key))[:MAX_ITEM_BYTES],
    )


def _mask_key(text: str, key: str) -> str:
    """Some protocols put the key into every item; keys are kept nowhere."""
    return text.replace(key, KEY_MASK) if key else text


def _escape_unstorable(text: str) -> str:
    """The text with what PostgreSQL refuses (NUL, lone surrogates) spelt out."""
    return text.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
