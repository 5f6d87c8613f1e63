"""Leads tracking requests past Django's handler to the same views, in the same process."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final, cast

from csp.constants import HEADER
from csp.utils import build_policy
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest, get_path_info
from django.core.signals import request_started
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, ResolverMatch, URLResolver
from django.urls.resolvers import RegexPattern

from engage_server.ingest import urls

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]
PATHS_REMEMBERED: Final = 64  # clients use a handful; others' attempts must not fill the memory

_resolver: Final = URLResolver(RegexPattern(r"^/"), urls.urlpatterns)


def with_short_path(rest: Application) -> Application:
    """A WSGI application that answers the paths of ``ingest.urls`` itself and leaves the others to ``rest``.

    What Django does for a request is kept, save the walk through all URLs and the handler's hooks for views that
    render templates or run in a transaction: signals, secure headers and redirects, errors as responses.
    """
    framed = XFrameOptionsMiddleware(convert_exception_to_response(_view))
    answer = convert_exception_to_response(SecurityMiddleware(framed))
    policy = build_policy()  # once: it is the same for every answer here

    def application(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        if _match(get_path_info(environ)) is None:
            return rest(environ, start_response)
        request_started.send(sender=WSGIRequest, environ=environ)
        response = cast("HttpResponse", answer(WSGIRequest(environ)))
        response.headers.setdefault(HEADER, policy)
        # A length keeps the server from chunking, which clients with keep-alive parse more slowly.
        response.headers.setdefault("Content-Length", str(len(response.content)))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        try:
            return [response.content]
        finally:
            response.close()  # sends request_finished, upon which Django looks after its connections

    return application


def is_tracking(path: str) -> bool:
    """Whether a path is answered here."""
    return _match(path) is not None


def _view(request: HttpRequest) -> HttpResponse:
    match = _match(request.path_info)
    if match is None:
        raise Resolver404(f"{request.path_info!r} is no tracking path.")
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


@lru_cache(maxsize=PATHS_REMEMBERED)
def _match(path: str) -> ResolverMatch | None:
    try:
        return _resolver.resolve(path)
    except Resolver404:
        return None
