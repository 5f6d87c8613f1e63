"""``/graphql``: answers of the API, and for browsers the page to try it."""

import logging
import secrets
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from engage_server.access.principal import Principal
from engage_server.access.request_tenant import find_tenant
from engage_server.api import not_modified
from engage_server.api.cors import note_tenant
from engage_server.api.exceptions import RateLimitedError, RequestError
from engage_server.api.execution import answer
from engage_server.api.json_output import to_json
from engage_server.api.live.streams import open_stream
from engage_server.api.query_budget import LEAST, QueryBudget
from engage_server.api.requests import (
    JSON,
    read_body,
    read_principal,
    read_url,
    require_readable,
    response_type,
    tenant_moving,
    wants_stream,
)
from engage_server.api.response_encoding import compress, etag_of, is_known
from engage_server.api.trusted_documents import with_text
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.telemetry import counters
from engage_server.tenancy.database_errors import is_moving
from engage_server.tenancy.exceptions import EmbeddedPostgresError

RETRY_AFTER_S: Final = 5
# What ends a request before it is answered.
REFUSED: Final = (RequestError, PluginHostError, OperationalError, InterfaceError, EmbeddedPostgresError)
log = logging.getLogger("engage.api")


@csrf_exempt  # a foreign page has no key to send, and where a cookie stands for one the token is asked for
@counters.observed("graphql")
def graphql(request: HttpRequest, page: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Execute a POST, or a query by GET; show ``page`` to a browser that GETs, where ENGAGE_GRAPHIQL is on.

    Every answer but the page is JSON with a list of errors, each with ``extensions.code``.
    """
    media_type = JSON
    try:
        if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            return _page_or_404(request, page)
        if request.method not in ("GET", "POST"):
            raise RequestError(
                f"{request.method} is not served here. Remedy: POST the query as JSON.",
                status=405,
                code="BAD_USER_INPUT",
                headers={"Allow": "GET, POST"},
            )
        is_stream, may_change = wants_stream(request), request.method == "POST"
        if not is_stream:
            media_type = response_type(request)
        if may_change:
            require_readable(request)
        principal = read_principal(request, may_change=may_change)
        note_tenant(request, principal.tenant.id)
        find_tenant(request, principal.tenant.id)
        asked = with_text(read_body(request) if may_change else read_url(request), principal)
        if is_stream:
            return open_stream(request, asked, principal, may_change=may_change)
        # Who has no answer yet is not made to pay for what tells whether it changed.
        is_held = not may_change and "If-None-Match" in request.headers
        mark = not_modified.mark(asked, principal) if is_held else None
        if mark is not None and (same := _same(request, mark, principal)) is not None:
            return same
        given = answer(asked, principal, may_change=may_change, takes_json=True)
        if mark is not None and given.executed:
            not_modified.remember(mark, given.payload, etag_of(given.payload), principal.tenant)
    except REFUSED as error:
        return refusal_of(error, media_type)
    if given.retry_after_s is not None:
        headers = {"Retry-After": str(given.retry_after_s)}
        return _response(given.payload, status=429, media_type=media_type, headers=headers)
    # A client that knows only plain JSON takes any other status for a failure of the transport.
    status = 200 if given.executed or media_type == JSON else 400
    if not may_change and given.executed:
        return _conditional(request, given.payload, media_type)
    return compress(request, _response(given.payload, status=status, media_type=media_type))


def _same(request: HttpRequest, mark: not_modified.Mark, principal: Principal) -> HttpResponse | None:
    """That the client has the answer, where it is known without computing it; it costs a point."""
    etag = not_modified.etag_at(mark)
    if etag is None or not is_known(request, etag):
        return None
    try:
        QueryBudget(principal).spend(LEAST)
    except RateLimitedError:
        return None  # refused on the ordinary way, which says when to come again
    counters.count_query(cost=LEAST, codes=[])
    return _unmodified(etag)


def _unmodified(etag: str) -> HttpResponse:
    return HttpResponse(status=304, headers=_of_a_cache(etag))


def _of_a_cache(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept, Authorization, Cookie"}


def _conditional(request: HttpRequest, payload: dict[str, Any], media_type: str) -> HttpResponse:
    """The answer to a GET, or that it is the one which the client has: for a browser's own cache, and no proxy's."""
    etag = etag_of(payload)
    if is_known(request, etag):
        return _unmodified(etag)
    return compress(request, _response(payload, status=200, media_type=media_type, headers=_of_a_cache(etag)))


def refusal_of(error: Exception, media_type: str = JSON) -> HttpResponse:
    """The answer to a request that one of ``REFUSED`` ended."""
    if isinstance(error, RequestError):
        return _refusal(error, media_type)
    if isinstance(error, PluginHostError):
        return _refusal(_broken_schema(error), media_type)
    return _refusal(_no_database(error), media_type)


def _page_or_404(request: HttpRequest, page: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    if not settings.ENGAGE_GRAPHIQL:
        raise RequestError(
            "There is no page here. Remedy: POST a query as JSON.", status=404, code="NOT_FOUND"
        )
    return page(request)


def _broken_schema(error: PluginHostError) -> RequestError:
    reference = secrets.token_hex(6)
    log.error(
        "A tenant's plugins make no GraphQL schema (reference %s): %s",
        reference,
        error,
        extra={"action": "graphql_schema_broken", "reference": reference},
    )
    return RequestError(
        f"The GraphQL schema cannot be built. Remedy: tell the server's operator the reference {reference}.",
        status=503,
        code="SCHEMA_UNAVAILABLE",
    )


def _no_database(error: Exception) -> RequestError:
    if is_moving(error):
        return tenant_moving(error)
    log.error("The database does not answer: %s", error, extra={"action": "database_unavailable"})
    return RequestError(
        "The database does not answer. Remedy: try again in a few seconds.",
        status=503,
        code="UNAVAILABLE",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def _refusal(error: RequestError, media_type: str) -> HttpResponse:
    counters.count_query(cost=None, codes=[error.code])
    payload = {"errors": [{"message": str(error), "extensions": {"code": error.code}}]}
    return _response(payload, status=error.status, media_type=media_type, headers=error.headers)


def _response(
    payload: dict[str, Any], *, status: int, media_type: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    return HttpResponse(
        to_json(payload),
        status=status,
        content_type=f"{media_type}; charset=utf-8",
        headers={"Cache-Control": "no-store", "Vary": "Accept, Cookie", **(headers or {})},
    )
