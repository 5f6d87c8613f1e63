"""Reads request bodies within the limits: a bomb costs no memory."""

import zlib
from typing import Final

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from engage_server.ingest.exceptions import BodyTooLargeError, MalformedBodyError
from engage_server.ingest.limits import MAX_BODY_BYTES, MAX_GZIP_RATIO, MIN_GZIP_ALLOWANCE_BYTES

GZIP_WINDOW_BITS: Final = zlib.MAX_WBITS | 16
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def read_body(request: HttpRequest) -> bytes:
    """The body, unpacked where Content-Encoding says gzip, whatever Content-Type says.

    Raises:
        BodyTooLargeError: over the limit before or after unpacking.
        MalformedBodyError: cut off, broken gzip, or another encoding.
    """
    try:
        body: bytes = request.read(MAX_BODY_BYTES + 1)
    except UnreadablePostError:
        raise MalformedBodyError("The body ended early. Remedy: send the request again.") from None
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
    unpacked = bytearray()
    while data:
        member = zlib.decompressobj(GZIP_WINDOW_BITS)
        try:
            unpacked += member.decompress(data, allowance + 1 - len(unpacked))
        except zlib.error as error:
            raise MalformedBodyError(f"The body is not gzip as Content-Encoding says: {error}.") from None
        if len(unpacked) > allowance:
            raise _too_large()
        if not member.eof:
            raise MalformedBodyError("The gzip data ends early. Remedy: send the request again.")
        data = member.unused_data
    return bytes(unpacked)


def _too_large() -> BodyTooLargeError:
    return BodyTooLargeError(
        f"The body is over {MAX_BODY_BYTES // 1024 // 1024} MB after unpacking. Remedy: send smaller batches."
    )
