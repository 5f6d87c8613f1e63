"""What a client reads where the database did not store a request: to send it again, or that the fault is ours."""

import logging
from secrets import token_hex
from typing import Final

from engage_server.ingest.limits import BUSY_RETRY_AFTER_S, RETRY_AFTER_S
from engage_server.ingest.protocols.base import ErrorReply
from engage_server.tenancy.database_errors import is_moving, is_passing
from engage_server.tenancy.exceptions import TenantMovingError

MOVING: Final = "The tenant is being moved; nothing was stored. Remedy: send the same again."
log: Final = logging.getLogger("engage.ingest")


def refusal_of(error: Exception, *, protocol: str) -> tuple[ErrorReply, dict[str, str]]:
    """The refusal of a request that the database failed, and its headers; in both cases nothing of it is stored."""
    if is_moving(error):
        text = str(error) if isinstance(error, TenantMovingError) else MOVING
        return ErrorReply(503, "tenant_moving", text), {"Retry-After": str(BUSY_RETRY_AFTER_S)}
    if is_passing(error):
        log.error(
            "The database could not take a request in: %s",
            error,
            # No traceback: in an outage every request would write one, and writing it takes longer than the answer.
            extra={"action": "ingest_unavailable", "protocol": protocol},
        )
        message = "The database is unavailable; nothing was stored. Remedy: send the same again."
        return ErrorReply(503, "unavailable", message), {"Retry-After": str(RETRY_AFTER_S)}
    reference = token_hex(6)
    log.error(
        "A request could not be stored, by a fault of the server: %s",
        error,
        exc_info=error,
        extra={"action": "ingest_failed", "protocol": protocol, "reference": reference},
    )
    message = (
        f"A fault of the server, nothing was stored. Remedy: keep it, and tell the operator {reference}, which stands in "
        "the server's log."
    )
    return ErrorReply(500, "internal_error", message), {}
