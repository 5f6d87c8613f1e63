"""Segment's protocol: /v1/batch and the single calls of its and RudderStack's SDKs."""

from typing import Final

from engage_server.ingest.outcomes import Receipt
from engage_server.ingest.protocols.base import (
    ErrorReply,
    ParsedRequest,
    Reply,
    TrackingProtocol,
    TrackingRequest,
)
from engage_server.ingest.protocols.segment.envelope import open_batch, open_single, write_key
from engage_server.ingest.protocols.segment.fast_decoder import decode_events
from engage_server.ingest.protocols.segment.translation import TRANSLATORS, translate


def _parse(request: TrackingRequest) -> ParsedRequest:
    return open_single(request.body) if request.kind else open_batch(request.body)


def _accept(request: TrackingRequest, parsed: ParsedRequest, receipt: Receipt) -> Reply:
    counts = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
    return Reply({"success": True, **counts, "rejected": receipt.listed(), **receipt.remarks()})


def _refuse(refusal: ErrorReply) -> Reply:
    return Reply({"code": refusal.code, "message": refusal.message})


SEGMENT: Final = TrackingProtocol(
    "segment",
    _parse,
    translate,
    _accept,
    _refuse,
    kinds=tuple(TRANSLATORS),
    read_key=write_key,
    decode_events=decode_events,
)
