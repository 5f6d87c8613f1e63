"""Gives every HTTP request an id, which stands in each of its log lines and in its answer."""

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Final

from engage_server.telemetry.context import about

HEADER: Final = "X-Request-ID"
# What proxies send (UUIDs, hex, base64url); anything else could forge log lines.
WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._-]{8,128}")
Application = Callable[..., Iterable[bytes]]


def with_request_ids(application: Application) -> Application:
    """The WSGI application, answering with X-Request-ID: the client's where it is well-formed, else a new one.

    It stands outermost, so that requests on any path through the server have an id.
    """

    def identified(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if WELL_FORMED.fullmatch(given) else secrets.token_hex(16)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (HEADER, request_id)], *rest)

        with about(request_id=request_id):
            return application(environ, start)

    return identified
