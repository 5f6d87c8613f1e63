"""Keeps refused items with the reason and with what is needed to read them again, so that nothing sent is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from engage_server.ingest.items import Reject
from engage_server.ingest.limits import MAX_ITEM_BYTES
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.protocols.times import parse_time

MAX_MESSAGE_LENGTH: Final = 2_000
SEGMENT: Final = "segment"
KEY_MASK: Final = "[key]"


@dataclass(frozen=True, slots=True)
class Origin:
    """How the items of a request came: what it takes to translate them again. ``key`` is not kept."""

    protocol: str = SEGMENT
    kind: str = ""
    sent_at: Any = None
    received_at: datetime | None = None
    key: str = ""


def quarantine(rejects: Sequence[Reject], *, source: str, origin: Origin) -> None:
    """Store the rejects inside the tenant's scope and the caller's transaction; one statement."""
    QuarantinedItem.objects.bulk_create(
        [
            QuarantinedItem(
                source=source,
                protocol=origin.protocol,
                kind=origin.kind,
                sent_at=parse_time(origin.sent_at),
                received_at=origin.received_at or datetime.now(UTC),
                code=reject.code,
                message=_storable(reject.message)[:MAX_MESSAGE_LENGTH],
                payload=_storable(_masked(reject.payload, origin.key))[:MAX_ITEM_BYTES],
            )
            for reject in rejects
        ]
    )


def _masked(text: str, key: str) -> str:
    """Some protocols put the key into every item; keys are kept nowhere."""
    return text.replace(key, KEY_MASK) if key else text


def _storable(text: str) -> str:
    """The text with what PostgreSQL refuses (NUL, lone surrogates) spelt out."""
    return text.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
