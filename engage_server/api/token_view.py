"""``/graphql/token``: the token by which pages of origins that a tenant lets act say that they, and no others, ask."""

from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.csrf import csrf_exempt

from engage_server.access.exceptions import ForeignPageError, MissingKeyError
from engage_server.access.request_tenant import find_tenant
from engage_server.api.cookies import HEADER, cookie_principal, has_session
from engage_server.api.cors import acts
from engage_server.api.exceptions import RequestError
from engage_server.api.requests import host_of, refused_as_requests
from engage_server.api.views import REFUSED, refusal_of
from engage_server.telemetry import counters

SIGN_IN: Final = "Remedy: have the person sign in at /people/sign-in of this host."


@csrf_exempt  # it changes nothing
@counters.observed("graphql_token")
def token(request: HttpRequest) -> HttpResponse:
    """The token of the signed-in person's browser, and the header that it is sent by."""
    try:
        if request.method != "GET":
            raise RequestError(
                f"{request.method} is not served here. Remedy: GET the token, and POST queries to /graphql.",
                status=405,
                code="BAD_USER_INPUT",
                headers={"Allow": "GET"},
            )
        with refused_as_requests():
            _require_acting_page(request)
            principal = cookie_principal(request, host=host_of(request), may_change=False)
        find_tenant(request, principal.tenant.id)
    except REFUSED as error:
        return refusal_of(error)
    given = JsonResponse({"token": get_token(request), "header": HEADER})
    given["Cache-Control"] = "no-store"
    return given


def _require_acting_page(request: HttpRequest) -> None:
    if not acts(request):
        raise ForeignPageError(
            "The request is from no page that may act as who is signed in. Remedy: name its origin by "
            "`setOrigins(input: {acting: …})` or `manage.py tenant origins --acting`, and ask at the tenant's own host."
        )
    if not has_session(request):
        raise MissingKeyError(f"Nobody is signed in in this browser. {SIGN_IN}")
