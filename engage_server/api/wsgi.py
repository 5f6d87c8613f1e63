"""Leads queries of programs past Django's middlewares to the same view, in the same process.

A program sends its key, no cookie and no origin. What the middlewares do for browsers (sessions, tokens of forms, other
origins, sign-in) is nothing for it; what they do for everybody is kept, see ``ingest.wsgi.shortened``.
"""

from typing import Any, Final

from django.core.handlers.wsgi import get_path_info
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from engage_server.api.views import graphql
from engage_server.ingest.wsgi import Application, shortened

PATH: Final = "/graphql"
OF_BROWSERS: Final = ("HTTP_COOKIE", "HTTP_ORIGIN")


def with_short_queries(rest: Application) -> Application:
    """A WSGI application that answers programs' queries itself and leaves all else to ``rest``."""
    return shortened(rest, view=_view, is_short=_is_of_a_program)


def _is_of_a_program(environ: dict[str, Any]) -> bool:
    if environ["REQUEST_METHOD"] not in ("GET", "POST") or get_path_info(environ) != PATH:
        return False
    accepted = environ.get("HTTP_ACCEPT", "")
    if "HTTP_AUTHORIZATION" not in environ or "text/html" in accepted or "text/event-stream" in accepted:
        return False
    return not any(name in environ for name in OF_BROWSERS)


def _view(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = graphql(request, page=_no_page)
    # As the middleware for other origins, which answers of this path depend on.
    patch_vary_headers(response, ("origin",))
    return response


def _no_page(request: HttpRequest) -> HttpResponse:
    """Never called: who asks for HTML is left to the others."""
    raise NotImplementedError
