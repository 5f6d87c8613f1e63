"""Unwraps what browsers and older SDKs put around JSON: a form field or parameter ``data``, base64, bare gzip."""

import base64
import binascii
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from engage_server.ingest.exceptions import BodyTooLargeError, MalformedBodyError
from engage_server.ingest.limits import MAX_FORM_BYTES
from engage_server.ingest.protocols.base import TrackingRequest
from engage_server.ingest.request_body import gunzip

MAX_FORM_FIELDS: Final = 50
GZIP_MAGIC: Final = b"\x1f\x8b"
JSON_BEGINS: Final = (b"{", b"[")


def unwrap(request: TrackingRequest) -> TrackingRequest:
    """The request with its JSON as the body, whatever that was wrapped in and whatever Content-Type says.

    Raises:
        MalformedBodyError: neither JSON, nor gzip, nor a form or address with ``data``.
        BodyTooLargeError: over the limit when unpacked, or a form over that of forms.
    """
    body, fields = request.body, dict(request.query or {})
    is_form = request.method == "GET" or not _is_plain(body)
    if is_form:
        fields |= _form(body)
        if "data" not in fields:
            raise MalformedBodyError(
                "The request has no JSON. Remedy: send it as body or as the field `data`."
            )
        body = fields.pop("data").encode("utf-8", "surrogatepass")
    if not _is_plain(body):
        body = _from_base64(body)
    body = gunzip(body) if body.startswith(GZIP_MAGIC) else body
    return msgspec.structs.replace(request, body=body, query=fields, is_form=is_form)


def _is_plain(body: bytes) -> bool:
    return body.lstrip().startswith(JSON_BEGINS) or body.startswith(GZIP_MAGIC)


def _form(body: bytes) -> dict[str, str]:
    if len(body) > MAX_FORM_BYTES:
        raise BodyTooLargeError(
            f"The form is over {MAX_FORM_BYTES // 1024} kB. Remedy: send fewer events, or JSON as the body."
        )
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS))
    except ValueError as error:
        raise MalformedBodyError(f"The body is neither JSON nor a form: {error}.") from None


def _from_base64(text: bytes) -> bytes:
    # A plus sign that was not escaped arrives as a space; padding is left out by some.
    packed = text.strip().replace(b" ", b"+").replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error as error:
        raise MalformedBodyError(f"`data` is neither JSON nor base64: {error}.") from None
