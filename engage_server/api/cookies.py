"""Lets a signed-in browser ask: by its session's cookie, and the token that none can send along but our own pages, and
those of origins that the tenant lets act."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from engage_server.access.exceptions import ForeignPageError
from engage_server.access.principal import Principal
from engage_server.access.sessions import session_principal
from engage_server.api.cors import acts

HEADER: Final = "X-CSRFToken"
SITE: Final = "Sec-Fetch-Site"  # no page's script can set or change it


def has_session(request: HttpRequest) -> bool:
    """Whether the browser sent a session's cookie, in force or not."""
    return bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME))


def cookie_principal(request: HttpRequest, *, host: str, may_change: bool = True) -> Principal:
    """The principal of the session in the request's cookie.

    Args:
        request: carries the cookie.
        host: that it came to.
        may_change: False for what reads alone. Then it needs no token where the browser itself says that the page is this
            server's, or of an origin that may act: an EventSource sends no headers of its own.

    Raises:
        ForeignPageError: the token is missing or not the browser's, or the request comes from another site's page.
        AccessError, TenantSuspendedError: as ``session_principal``.
    """
    if may_change or not (request.headers.get(SITE) == "same-origin" or acts(request)):
        _require_token(request)
    return session_principal(request.COOKIES[settings.SESSION_COOKIE_NAME], host=host)


def _require_token(request: HttpRequest) -> None:
    # A page of another site can have a browser send cookies and forms, but no header; without one nothing is read.
    reason = "no token" if HEADER not in request.headers else _TokenCheck(_nothing).refusal(request)
    if reason:
        raise ForeignPageError(
            f"The request has a session's cookie, but is not from a page of this server ({reason}). "
            f"Remedy: send the page's token as `{HEADER}`, or a key as `Authorization: Bearer <key>`; pages of origins that "
            "the tenant lets act get a token at /graphql/token."
        )


class _TokenCheck(CsrfViewMiddleware):
    """Django's own check, for a view that it passes by."""

    def refusal(self, request: HttpRequest) -> str:
        self.process_request(request)
        return str(self.process_view(request, _nothing, (), {}) or "")

    def _origin_verified(self, request: HttpRequest) -> bool:
        is_ours: bool = super()._origin_verified(request)  # type: ignore[misc]
        return is_ours or acts(request)

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
