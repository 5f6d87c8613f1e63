"""Server-sent events in the words of graphql-sse, one connection for each operation.

The view checks a subscription and opens it; whoever holds the connection then tells what happens. That is the server's
front (``engage_server.front.live``), which says in the request's environment that it can.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from engage_server.access.principal import Principal
from engage_server.api.exceptions import RequestError
from engage_server.api.execution import Answer, GraphQLRequest
from engage_server.api.live.credentials import Credential
from engage_server.api.live.subscriptions import Opened, open_operation
from engage_server.api.requests import EVENT_STREAM

LINE: Final = "engage.live"  # no header becomes this key of META
COMPLETE: Final = "event: complete\ndata:\n\n"
KEEP_ALIVE: Final = ":\n\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """A subscription that was opened, and for whom."""

    opened: Opened
    credential: Credential
    principal: Principal


@dataclass(slots=True)
class Line:
    """Put into a request's environment by who can keep its connection; filled where it is to be kept."""

    kept: Kept | None = None


def open_stream(
    request: HttpRequest, asked: GraphQLRequest, principal: Principal, *, may_change: bool
) -> HttpResponse:
    """The begin of a subscription's stream, or the whole stream of an operation that has one answer.

    Raises:
        RequestError: 501, nobody here can keep the connection.
        RequestError, PluginHostError, OperationalError, InterfaceError: as ``open_operation``.
    """
    given = open_operation(asked, principal, may_change=may_change)
    if isinstance(given, Answer):
        return _response(next_message(json.dumps(given.payload)) + COMPLETE)
    line: Line | None = request.META.get(LINE)
    if line is None:
        raise RequestError(
            "Subscriptions are not served here. Remedy: run the server with `manage.py serve`.",
            status=501,
            code="UNAVAILABLE",
        )
    line.kept = Kept(given, Credential.of(request), principal)
    return _response(KEEP_ALIVE)


def next_message(payload: str) -> str:
    """The event that tells one payload, which is JSON of one line."""
    return f"event: next\ndata: {payload}\n\n"


def refusal_payload(error: RequestError) -> dict[str, Any]:
    """What a client is told where it is told nothing else any more."""
    return {"errors": [{"message": str(error), "extensions": {"code": error.code}}]}


def _response(body: str) -> HttpResponse:
    # Proxies that collect answers before they pass them on are asked not to.
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Cookie", "X-Accel-Buffering": "no"}
    return HttpResponse(body, content_type=f"{EVENT_STREAM}; charset=utf-8", headers=headers)
