"""The pages that people look at; each is a client of the GraphQL API like any other."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# GraphiQL's libraries put <style> elements into the page; scripts come from our own files alone.
GRAPHIQL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def graphiql(request: HttpRequest) -> HttpResponse:
    """A page to try queries on; the key is entered there and stays in the browser's tab."""
    response = render(request, "engage/graphiql.html")
    response["Content-Security-Policy"] = GRAPHIQL_POLICY
    return response
