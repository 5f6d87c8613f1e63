"""Which web pages of other origins may read answers of ``/graphql``: those that the tenant names."""

from typing import Any, Final

from corsheaders.signals import check_request_enabled
from django.core.exceptions import DisallowedHost
from django.db import Error as DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.request import split_domain_port

from engage_server.tenancy.exceptions import EmbeddedPostgresError
from engage_server.tenancy.origins import origins_at, origins_of

PATH: Final = "/graphql"
ASKED: Final = "engage.asked_tenant"  # no header becomes this key of META


def note_tenant(request: HttpRequest, tenant_id: int) -> None:
    """Say whose key the request carries: what its origin may read, that tenant decides."""
    request.META[ASKED] = tenant_id


@receiver(check_request_enabled, dispatch_uid="engage.api.cors")
def is_named(sender: object, request: HttpRequest, **kwargs: Any) -> bool:
    """Whether the tenant at the request's host names its origin; at a host that is nobody's, the tenant of its key.

    It decides what a browser lets a page read. What is answered at all, the key decides. At a host that is nobody's any
    page may ask in advance, since there is no key yet: who were refused there would know that no tenant names them.
    """
    origin = request.headers.get("Origin", "")
    # The library asks about every request; most are no browser's.
    if not origin or request.path_info != PATH:
        return False
    try:
        named = origins_at(split_domain_port(request.get_host())[0])
        if named is None and _asks_in_advance(request):
            return True
        if named is None and ASKED in request.META:
            named = origins_of(request.META[ASKED])
        return named is not None and origin in named
    except (DisallowedHost, DatabaseError, EmbeddedPostgresError):
        return False


def _asks_in_advance(request: HttpRequest) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
