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

from engage_server.access.authentication import remember_session
from engage_server.access.sessions import CHOSEN_TENANT, TenantMembership, current_membership, tenant_at
from engage_server.dashboard.bundle import address, needed_by
from engage_server.tenancy.scope import shared_scope

# GraphiQL's libraries put <style> elements into the page; scripts come from our own files alone.
GRAPHIQL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

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
    membership = membership_or_way(request)
    if isinstance(membership, HttpResponse):
        return membership
    response = render(
        request,
        "engage/dashboard.html",
        {
            "root": reverse("dashboard"),
            "tenant": membership.tenant.slug,
            "first": foretold(request),
            "early": static(address("early.js")),
            "script": static(address("main.js")),
            "style": static(address("main.css")),
            "needed": [static(file) for file in needed_by(view)],
        },
    )
    response["Cache-Control"] = "no-store"  # it bears the token of its forms
    return response


def foretold(request: HttpRequest) -> str:
    """The address that the page will ask for first, as the browser told at its last visit of this place; else empty.

    Whoever wrote the cookie, it is one of the API's own addresses that only reads; what the page does not want is not used.
    """
    place, _, asked = request.COOKIES.get(FIRST, "").partition("|")
    if unquote(place) != request.get_full_path() or not ASKED.fullmatch(asked):
        return ""
    return f"{reverse('graphql')}?{asked}"


@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """``/`` leads to the dashboard."""
    return redirect("dashboard")


def membership_or_way(request: HttpRequest) -> TenantMembership | HttpResponse:
    """In which company whoever signed in is here: the host's, the chosen one or their only one; else where to go first."""
    with shared_scope():
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        host = split_domain_port(request.get_host())[0]
        wanted = tenant_at(host) or request.session.get(CHOSEN_TENANT)
        membership = current_membership(int(request.user.pk), wanted=wanted)
    if membership is not None and request.session.session_key is not None:
        # What the page asks for first comes while it is still being read.
        remember_session(request.session.session_key, host=host, tenant=membership.tenant.id)
    return membership or redirect(f"{reverse('people_home')}?{urlencode({'next': request.get_full_path()})}")
