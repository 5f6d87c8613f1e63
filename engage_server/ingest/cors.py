"""Lets web pages send: what they present is an ingest key, which may be public, and never a cookie.

A tenant that names origins takes calls from those pages alone; others, from any.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from engage_server.tenancy.database_errors import DATABASE_UNAVAILABLE
from engage_server.tenancy.origins import origins_at

View = Callable[..., HttpResponse]
PREFLIGHT_VALID_S: Final = 86_400
USUAL_HEADERS: Final = "Authorization, Content-Type, Content-Encoding"


def allow_cross_origin(view: View) -> View:
    """The view, with the answers that a browser asks for before and after a request from another origin (CORS)."""

    @csrf_exempt
    @wraps(view, updated=())
    def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if is_preflight and not _may_send(request):
            return HttpResponse(status=204)
        response = _preflight(request) if is_preflight else view(request, **arguments)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


def _may_send(request: HttpRequest) -> bool:
    """Whether pages of this origin may send at this host; elsewhere than at a tenant's own, the key decides later."""
    try:
        named = origins_at(split_domain_port(request.get_host())[0])
    except (DisallowedHost, *DATABASE_UNAVAILABLE):
        return True
    return named is None or not named.named or request.headers.get("Origin", "") in named.named


def _preflight(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    # A star would not stand for Authorization, and older browsers do not know it at all.
    response["Access-Control-Allow-Headers"] = request.headers.get(
        "Access-Control-Request-Headers", USUAL_HEADERS
    )
    response["Access-Control-Max-Age"] = str(PREFLIGHT_VALID_S)
    patch_vary_headers(response, ["Access-Control-Request-Headers"])
    return response
