"""The pages that people look at; each is a client of the GraphQL API like any other."""

from typing import Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from engage_server.dashboard.bundle import address

# GraphiQL's libraries put <style> elements into the page; scripts come from our own files alone.
GRAPHIQL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def graphiql(request: HttpRequest) -> HttpResponse:
    """A page to try queries on, by the browser's session or by a key that is entered there and stays in its tab."""
    response = render(
        request, "engage/graphiql.html", {"signed_in": settings.SESSION_COOKIE_NAME in request.COOKIES}
    )
    response["Content-Security-Policy"] = GRAPHIQL_POLICY
    return response


@require_safe
def dashboard(request: HttpRequest, view: str = "") -> HttpResponse:
    """The one page of all the dashboard's views, whatever stands behind its root; to sign-in without a session.

    Whether the session is in force is for the API to say, which the page asks at once.
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return redirect_to_login(request.get_full_path())
    files = {"script": static(address("main.js")), "style": static(address("main.css"))}
    response = render(request, "engage/dashboard.html", {"root": reverse("dashboard"), **files})
    response["Cache-Control"] = "no-store"  # it bears the token of its forms
    return response


@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """``/`` leads to the dashboard."""
    return redirect("dashboard")
