"""Gives the pages of people, and them alone, the shared tables; refuses forms that are too large to be theirs."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from engage_server.access.exceptions import ForeignHostError
from engage_server.access.sessions import tenant_at
from engage_server.tenancy.exceptions import TenantMovingError
from engage_server.tenancy.moved_away import refuse_host_of_the_moved
from engage_server.tenancy.scope import shared_scope

PEOPLE: Final = "/people/"
DASHBOARD: Final = "/app/"
PAGES: Final = (PEOPLE, DASHBOARD)
MOVING_RETRY_AFTER_S: Final = 2
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


class PeopleScope:
    """Stands before the session's middleware, which writes sessions back when the page is done.

    No page under ``/people/`` works inside a tenant; whatever is elsewhere gets no scope from here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a page of people inside the shared scope; any other as if this were not here."""
        if not request.path_info.startswith(PEOPLE):
            return self._get_response(request)
        with shared_scope():
            try:
                tenant_at(split_domain_port(request.get_host())[0])
            except ForeignHostError as error:
                return HttpResponse(str(error), status=403, content_type="text/plain; charset=utf-8")
            response = self._get_response(request)
        response.headers["Content-Security-Policy"] = POLICY + _form_targets()
        # Neither a shared computer's history nor a proxy keeps a page that somebody was signed in for.
        response.headers["Cache-Control"] = "no-store"
        return response


class MovingTenants:
    """Tells people at the host of a tenant that is being moved to come again; stands before whatever opens a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """503 for a page of such a tenant; any other as if this were not here."""
        if request.path_info.startswith(PAGES):
            host = split_domain_port(request.META.get("HTTP_HOST", ""))[0]
            try:
                if host:
                    refuse_host_of_the_moved(host)
            except TenantMovingError as error:
                response = _refused(str(error), status=503)
                response["Retry-After"] = str(MOVING_RETRY_AFTER_S)
                return response
        return self._get_response(request)


class SmallForms:
    """Stands before the check of the form's token, which reads the form before it is known who sends it.

    Views that are exempt from that check read bodies themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing yet: only the view says whether a form is read."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """413 or 415 for what no page here sends; None lets the request pass."""
        if getattr(view, "csrf_exempt", False):
            return None
        # Files of such a form would go to the disk, in any number.
        if (request.content_type or "").startswith("multipart/"):
            return _refused("No form with files is taken here. Remedy: send it URL-encoded.", status=415)
        if declared_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _refused("The form is too long. Remedy: send the fields of the page alone.", status=413)
        return None


def declared_length(request: HttpRequest) -> int:
    """How many bytes the request says that its body has; 0 where it does not say so, for then none are read."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _refused(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _form_targets() -> str:
    # The button to the identity provider is a form of ours, but browsers also hold what it is redirected to against
    # the policy, and providers send people on to hosts that nobody here knows.
    if not settings.ENGAGE_OIDC_ISSUER:
        return ""
    issuer = urlsplit(settings.ENGAGE_OIDC_ISSUER)
    return f" https: {issuer.scheme}://{issuer.netloc}"
