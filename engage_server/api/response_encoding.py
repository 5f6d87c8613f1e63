"""The bytes of answers: compressed where the client takes it, and told by an ETag whether they are those it has."""

import gzip
import hashlib
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from engage_server.api.json_output import to_json

SHORTEST_COMPRESSED: Final = 1_400  # bytes; less goes in one packet anyway
LEVEL: Final = 4


def etag_of(payload: dict[str, Any]) -> str:
    """What stands for an answer, whatever it cost: equal for equal data and errors."""
    told = {name: part for name, part in payload.items() if name != "extensions"}
    return f'"{hashlib.sha256(to_json(told)).hexdigest()[:32]}"'


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether the client says that it has this answer."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in {one.removeprefix("W/") for one in known}


def compress(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response, compressed where that pays and the client takes gzip."""
    patch_vary_headers(response, ["Accept-Encoding"])
    if len(response.content) < SHORTEST_COMPRESSED or not _takes_gzip(request):
        return response
    response.content = gzip.compress(response.content, LEVEL, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    return response


def _takes_gzip(request: HttpRequest) -> bool:
    for one in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, quality = one.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
