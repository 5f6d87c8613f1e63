"""Reads request bodies within the limits: a bomb costs no memory, and many small ones no time."""

import zlib
from typing import Final

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from engage_server.access.middleware import declared_length
from engage_server.ingest.exceptions import BodyNotReceivedError, BodyTooLargeError, MalformedBodyError
from engage_server.ingest.limits import (
    MAX_BODY_BYTES,
    MAX_GZIP_MEMBERS,
    MAX_GZIP_RATIO,
    MIN_GZIP_ALLOWANCE_BYTES,
)

GZIP_WINDOW_BITS: Final = zlib.MAX_WBITS | 16
STEP_BYTES: Final = 64 * 1024  # what is left of a step is copied for each member, so that no step may be long
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def read_body(request: HttpRequest) -> bytes:
    """The body, unpacked where Content-Encoding says gzip, whatever Content-Type says.

    Raises:
        BodyTooLargeError: over the limit before or after unpacking.
        BodyNotReceivedError: it ended early or came too slowly.
        MalformedBodyError: broken gzip, or another encoding.
    """
    if declared_length(request) > MAX_BODY_BYTES:
        raise _too_large()
    try:
        body: bytes = request.read(MAX_BODY_BYTES + 1)
    except UnreadablePostError as error:
        raise BodyNotReceivedError(f"{error} Remedy: send the same again.") from None
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in {"gzip", "x-gzip"}:
        body = gunzip(body)
    elif encoding not in {"", "identity"}:
        raise MalformedBodyError(f"Unknown Content-Encoding {encoding!r}. Remedy: gzip or none.")
    return body.removeprefix(BYTE_ORDER_MARK)


def gunzip(data: bytes) -> bytes:
    """Unpack gzip data of one or more members, never beyond the limits.

    Raises:
        BodyTooLargeError: more than the limit, or than the ratio that honest data reaches.
        MalformedBodyError: not gzip, or cut off.
    """
    allowance = min(MAX_BODY_BYTES, max(MIN_GZIP_ALLOWANCE_BYTES, MAX_GZIP_RATIO * len(data)))
    packed, unpacked, place = memoryview(data), bytearray(), 0
    for _ in range(MAX_GZIP_MEMBERS):
        before = len(unpacked)
        place = _unpack_member(packed, place, unpacked, allowance=allowance)
        if place == len(data):
            return bytes(unpacked)
        if len(unpacked) == before:
            raise MalformedBodyError("The gzip data has an empty member. Remedy: pack the body as one.")
    raise MalformedBodyError(
        f"The gzip data has more than {MAX_GZIP_MEMBERS} members. Remedy: pack the body as one."
    )


def _unpack_member(packed: memoryview, place: int, unpacked: bytearray, *, allowance: int) -> int:
    """Append what one member holds; return the place after it."""
    member = zlib.decompressobj(GZIP_WINDOW_BITS)
    while not member.eof:
        step = packed[place : place + STEP_BYTES]
        if not step:
            raise MalformedBodyError("The gzip data ends early. Remedy: send the request again.")
        place += len(step)
        try:
            unpacked += member.decompress(step, allowance + 1 - len(unpacked))
        except zlib.error as error:
            raise MalformedBodyError(f"The body is not gzip as Content-Encoding says: {error}.") from None
        if len(unpacked) > allowance:
            raise _too_large()
    return place - len(member.unused_data)


def _too_large() -> BodyTooLargeError:
    return BodyTooLargeError(
        f"The body is over {MAX_BODY_BYTES // 1024 // 1024} MB after unpacking. Remedy: send smaller batches."
    )
