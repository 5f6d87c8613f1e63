"""Stores what a request tells as any other road would, so that what follows from it follows; or refuses it whole."""

from typing import Final

from engage_server.ingest.items import Item
from engage_server.ingest.outcomes import OutcomeKind
from engage_server.ingest.store import store_items
from engage_server.operations.exceptions import ConflictError, RefusedWriteError

SOURCE: Final = "api"
"""The source of what comes in by requests and commands; message ids are unique within it."""


def store_record(item: Item) -> bool:
    """Store one item; return whether it was news. To be called in a transaction, which a refusal ends.

    Raises:
        ConflictError: its id is stored with other content.
        RefusedWriteError: it cannot be kept, or not whole, or its person does not consent to be measured.
    """
    (outcome,) = store_items([item], source=SOURCE)
    if outcome.kind is OutcomeKind.CONFLICT:
        raise ConflictError(outcome.message, field="externalId")
    if outcome.is_rejected:
        raise RefusedWriteError(f"It was not taken: {outcome.message}", reason=outcome.code)
    return outcome.kind is not OutcomeKind.DUPLICATE
