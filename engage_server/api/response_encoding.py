"""The bytes of answers: compressed where the client takes it, and told by an ETag whether they are those it has."""

import gzip
import hashlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.request import MediaType
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from engage_server.api.json_output import to_json
from engage_server.api.requests import MOST_RANGES

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SHORTEST_COMPRESSED: Final = 1_400  # bytes; less goes in one packet anyway
GZIP_LEVEL: Final = 4
ZSTD_LEVEL: Final = 3  # its usual one: smaller than gzip's fourth in a fraction of the time


def etag_of(payload: dict[str, Any]) -> str:
    """What stands for an answer, whatever it cost: equal for equal data and errors."""
    told = {name: part for name, part in payload.items() if name != "extensions"}
    return f'"{hashlib.sha256(to_json(told)).hexdigest()[:32]}"'


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether the client says that it has this answer."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in {one.removeprefix("W/") for one in known}


def compress(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response, compressed where that pays in the way that the client likes best; of equals by Zstandard."""
    patch_vary_headers(response, ["Accept-Encoding"])
    if len(response.content) < SHORTEST_COMPRESSED:
        return response
    liked = _liked(request.headers.get("Accept-Encoding", ""))
    encoding = max(ENCODERS, key=lambda name: liked.get(name, 0.0))
    if liked.get(encoding, 0.0) > 0:
        response.content = ENCODERS[encoding](response.content)
        response.headers["Content-Encoding"] = encoding
    return response


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, GZIP_LEVEL, mtime=0)


def _zstandard(content: bytes) -> bytes:
    return zstd.compress(content, ZSTD_LEVEL)


ENCODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {"zstd": _zstandard, "gzip": _gzipped}


def _liked(accepted: str) -> dict[str, float]:
    """How much a client likes each encoding that it names, from 0 to 1, read as Django reads media types."""
    ranges = map(MediaType, accepted.lower().split(",")[:MOST_RANGES])
    return {one.main_type: one.quality for one in ranges}
