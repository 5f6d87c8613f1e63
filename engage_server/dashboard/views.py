"""The pages that people look at; each is a client of the GraphQL API like any other."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

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
