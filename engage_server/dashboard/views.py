"""The pages that people look at; each is a client of the GraphQL API like any other."""

import re
from typing import Final
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from engage_server.access.exceptions import NotAMemberError, NoTenantChosenError, NotSignedInError
from engage_server.access.principal import Principal
from engage_server.access.request_tenant import find_tenant
from engage_server.access.sessions import session_principal
from engage_server.dashboard.bundle import address, needed_by
from engage_server.dashboard.first_answer import first_answer
from engage_server.tenancy.exceptions import TenantSuspendedError

# GraphiQL's libraries put <style> elements into the page; scripts come from our own files alone.
GRAPHIQL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

VISITOR: Final = "engage.visitor"  # in a request that the front looked at before: who it is
FIRST: Final = "engage_first"  # the cookie of ``web/src/api/foretold.ts``
ASKED: Final = re.compile(r"documentId=[0-9a-f]{16}&variables=[\w.%*+-]{2,1500}", re.ASCII)


def graphiql(request: HttpRequest) -> HttpResponse:
    """A page to try queries on, by the browser's session or by a key that is entered there and stays in its tab."""
    response = render(
        request, "engage/graphiql.html", {"signed_in": settings.SESSION_COOKIE_NAME in request.COOKIES}
    )
    response["Content-Security-Policy"] = GRAPHIQL_POLICY
    return response


@require_safe
def dashboard(request: HttpRequest, view: str = "") -> HttpResponse:
    """The one page of all the dashboard's views, whatever stands behind its root.

    Without a session it leads to signing in, and who is of several companies and has chosen none chooses first: nothing
    of a company is drawn before it is known which.
    """
    principal = request.META.get(VISITOR) or principal_or_way(request)
    if isinstance(principal, HttpResponse):
        return principal
    request.META[VISITOR] = principal  # a first look has found them for what follows
    find_tenant(request, principal.tenant.id)
    asked = foretold(request)
    response = render(
        request,
        "engage/dashboard.html",
        {
            "root": reverse("dashboard"),
            "tenant": principal.tenant.slug,
            "asked": asked,
            "answer": first_answer(request, asked) if asked else None,
            "early": static(address("early.js")),
            "script": static(address("main.js")),
            "style": static(address("main.css")),
            "needed": [static(file) for file in needed_by(view)],
        },
    )
    response["Cache-Control"] = "no-store"  # it bears the token of its forms
    return response


def foretold(request: HttpRequest) -> str:
    """What the page will ask the API for first, as the browser told at its last visit of this place; else empty.

    Whoever wrote the cookie, it is a query by GET, which only reads; what the page does not want is not used.
    """
    place, _, asked = request.COOKIES.get(FIRST, "").partition("|")
    if unquote(place) != request.get_full_path() or not ASKED.fullmatch(asked):
        return ""
    return asked


@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """``/`` leads to the dashboard."""
    return redirect("dashboard")


def principal_or_way(request: HttpRequest) -> Principal | HttpResponse:
    """Who is signed in, in the company that the API finds them in; else where they have to go first."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    try:
        return session_principal(session, host=split_domain_port(request.get_host())[0])
    except NotSignedInError:
        return redirect_to_login(request.get_full_path())
    except (NoTenantChosenError, NotAMemberError, TenantSuspendedError):
        return redirect(f"{reverse('people_home')}?{urlencode({'next': request.get_full_path()})}")
