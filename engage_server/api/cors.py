"""Which web pages of other origins may read answers of ``/graphql``, and act by it: those that the tenant names."""

from typing import Any, Final

from corsheaders.middleware import (
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_ORIGIN,
    CorsMiddleware,
)
from corsheaders.signals import check_request_enabled
from django.core.exceptions import DisallowedHost
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase

from engage_server.tenancy.database_errors import DATABASE_UNAVAILABLE
from engage_server.tenancy.origins import may_act_at, origins_at, origins_of

PATHS: Final = frozenset({"/graphql", "/graphql/token"})
ASKED: Final = "engage.asked_tenant"  # no header becomes this key of META


class CorsOfTenants(CorsMiddleware):
    """Lets pages that may act have the browser send its session's cookie along; the library would let all or none."""

    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the headers for pages of other origins."""
        given = super().add_response_headers(request, response)
        if given.has_header(ACCESS_CONTROL_ALLOW_ORIGIN) and acts(request):
            given.headers[ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"
        return given


def note_tenant(request: HttpRequest, tenant_id: int) -> None:
    """Say whose key the request carries: what its origin may read, that tenant decides."""
    request.META[ASKED] = tenant_id


def acts(request: HttpRequest) -> bool:
    """Whether the request comes from a page that may act as who is signed in, by the tenant of its host.

    The browser says the origin, and no page's script can. Where the database does not answer, nobody may.
    """
    origin = request.headers.get("Origin", "")
    try:
        return bool(origin) and may_act_at(split_domain_port(request.get_host())[0], origin)
    except (DisallowedHost, *DATABASE_UNAVAILABLE):
        return False


@receiver(check_request_enabled, dispatch_uid="engage.api.cors")
def is_named(sender: object, request: HttpRequest, **kwargs: Any) -> bool:
    """Whether the tenant at the request's host names its origin; at a host that is nobody's, the tenant of its key.

    It decides what a browser lets a page read. What is answered at all, the key decides. At a host that is nobody's any
    page may ask in advance, since there is no key yet: who were refused there would know that no tenant names them.
    """
    origin = request.headers.get("Origin", "")
    # The library asks about every request; most are no browser's.
    if not origin or request.path_info not in PATHS:
        return False
    try:
        found = origins_at(split_domain_port(request.get_host())[0])
        if found is None and _asks_in_advance(request):
            return True
        if found is None and ASKED in request.META:
            found = origins_of(request.META[ASKED])
        return found is not None and origin in found.named
    except (DisallowedHost, *DATABASE_UNAVAILABLE):
        return False


def _asks_in_advance(request: HttpRequest) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
