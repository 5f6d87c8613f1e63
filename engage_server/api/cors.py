"""Which web pages of other origins may read answers of ``/graphql``: those that the tenant names."""

from typing import Any, Final

from corsheaders.signals import check_request_enabled
from django.core.exceptions import DisallowedHost
from django.db import Error as DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.request import split_domain_port

from engage_server.tenancy.exceptions import EmbeddedPostgresError
from engage_server.tenancy.origins import is_named_by_anyone, origins_at

PATH: Final = "/graphql"


@receiver(check_request_enabled, dispatch_uid="engage.api.cors")
def is_named(sender: object, request: HttpRequest, **kwargs: Any) -> bool:
    """Whether the tenant at the request's host names its origin; at a host that is nobody's, whether any tenant does.

    It decides what a browser lets a page read. What is answered at all, the key decides.
    """
    origin = request.headers.get("Origin", "")
    # The library asks about every request; most are no browser's.
    if not origin or request.path_info != PATH:
        return False
    try:
        named = origins_at(split_domain_port(request.get_host())[0])
        return origin in named if named is not None else is_named_by_anyone(origin)
    except (DisallowedHost, DatabaseError, EmbeddedPostgresError):
        return False
