"""Keeps refused items with the reason, so that nothing a client sent is lost."""

from collections.abc import Sequence
from typing import Final

from engage_server.ingest.items import Reject
from engage_server.ingest.limits import MAX_ITEM_BYTES
from engage_server.ingest.models import QuarantinedItem

MAX_MESSAGE_LENGTH: Final = 2_000


def quarantine(rejects: Sequence[Reject], *, source: str) -> None:
    """Store the rejects inside the tenant's scope and the caller's transaction; one statement."""
    QuarantinedItem.objects.bulk_create(
        [
            QuarantinedItem(
                source=source,
                code=reject.code,
                message=_storable(reject.message)[:MAX_MESSAGE_LENGTH],
                payload=_storable(reject.payload)[:MAX_ITEM_BYTES],
            )
            for reject in rejects
        ]
    )


def _storable(text: str) -> str:
    """The text with what PostgreSQL refuses (NUL, lone surrogates) spelt out."""
    return text.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
