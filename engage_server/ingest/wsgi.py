"""Leads tracking requests past Django's handler to the same views, in the same process."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, cast

from csp.constants import HEADER
from csp.utils import build_policy
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest, get_path_info
from django.db import close_old_connections
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
    """A WSGI application that answers the paths of ``ingest.urls`` itself and leaves the others to ``rest``."""
    return shortened(rest, view=_view, is_short=lambda environ: is_tracking(get_path_info(environ)))


def shortened(
    rest: Application, *, view: Callable[[HttpRequest], HttpResponse], is_short: Callable[[Environ], bool]
) -> Application:
    """A WSGI application that answers requests by ``view`` where they are ``is_short``, and leaves the others to ``rest``.

    What Django does for a request is kept, save the walk through all URLs, signals, and the handler's hooks for views
    that render templates or run in a transaction: secure headers and redirects, errors as responses, connections that
    are looked after.
    """
    security, frames = SecurityMiddleware(view), XFrameOptionsMiddleware(view)
    policy = build_policy()

    def secured(request: HttpRequest) -> HttpResponse:
        return security.process_request(request) or view(request)

    answer = convert_exception_to_response(secured)

    @lru_cache(maxsize=2)
    def headers_where(is_secure: bool) -> Mapping[str, str]:
        # The same for every answer here, so that the middlewares are asked once.
        request = HttpRequest()
        request.is_secure = lambda: is_secure  # type: ignore[method-assign]
        made = frames.process_response(request, security.process_response(request, HttpResponse()))
        del made.headers["Content-Type"]
        return {**made.headers, HEADER: policy}

    def application(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        if not is_short(environ):
            return rest(environ, start_response)
        request = WSGIRequest(environ)
        try:
            response = cast("HttpResponse", answer(request))
            content = response.content
            own, usual = response.headers, headers_where(request.is_secure())
            # A length keeps the server from chunking, which clients with keep-alive parse more slowly.
            own.setdefault("Content-Length", str(len(content)))
            headers = [*response.items(), *(pair for pair in usual.items() if pair[0] not in own)]
            start_response(f"{response.status_code} {response.reason_phrase}", headers)
            return [content]
        finally:
            close_old_connections()

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
