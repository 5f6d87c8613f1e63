"""What is answered where no view does: plain text, and not a byte of the request's body is read for it.

Django's own error views ask for a form's token, and read the form, its files included, to find it.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse

TEXTS: Final = {
    400: "This is no request that is understood here.",
    403: "This is not for you. Remedy: sign in at /people/sign-in, or send the form from its own page.",
    404: "There is nothing at this address.",
    500: "Something failed here. Remedy: try again later; the server's log says more.",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(500)


def _page(status: int) -> HttpResponse:
    return HttpResponse(TEXTS[status], status=status, content_type="text/plain; charset=utf-8")
