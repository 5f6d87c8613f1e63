"""Why something that came in is refused."""

from collections.abc import Mapping
from typing import ClassVar

from engage_server.ingest.limits import BUSY_RETRY_AFTER_S


class IngestError(Exception):
    """Base of all errors of this package; ``code`` and ``headers`` go to the client."""

    code = "invalid"
    status = 400
    headers: ClassVar[Mapping[str, str]] = {}
    items = 0  # how many there were, where that is known


class MalformedBodyError(IngestError):
    """The body is no batch at all."""

    code = "malformed_body"


class BodyTooLargeError(IngestError):
    """The body is over the limit, as it came or after gunzip."""

    code = "body_too_large"
    status = 413


class TooManyItemsError(IngestError):
    """More items than a request may have; clients that can split a batch do so upon this status."""

    code = "too_many_items"
    status = 413


class BodyNotReceivedError(IngestError):
    """The body ended early or came too slowly. Not the batch is at fault, so the client is asked to send it again."""

    code = "body_not_received"
    status = 503
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": str(BUSY_RETRY_AFTER_S)}


class BusyError(IngestError):
    """More is to be written than can be; nothing of the request is stored, and it may be sent again."""

    code = "busy"
    status = 503
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": str(BUSY_RETRY_AFTER_S)}


class TooManyEventsError(IngestError):
    """A limit of the tenant or the key is reached for now; nothing of the request is stored."""

    code = "rate_limited"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int, items: int) -> None:
        super().__init__(message)
        self.items = items
        self.headers = {"Retry-After": str(retry_after_s)}  # type: ignore[misc]  # of this refusal alone


class ItemError(IngestError):
    """One item of a batch cannot be taken; the others can."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
