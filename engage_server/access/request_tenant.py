"""Tells the front of the server whose request it is, before anything of the tenant is touched.

Code that answers requests of tenants calls ``find_tenant`` as soon as the key, token or session was verified. In a first
look, which the front asks for where it does not know the sender, this ends the view; else it does nothing.
"""

from typing import Final

from django.http import HttpRequest

REQUEST_TENANT: Final = "engage.request_tenant"


class TenantFoundError(BaseException):
    """Ends a first look. Nothing went wrong, so nothing that handles errors may catch it."""

    def __init__(self, tenant: int) -> None:
        super().__init__(tenant)
        self.tenant = tenant


def find_tenant(request: HttpRequest, tenant: int) -> None:
    """Say that the request is this tenant's.

    Raises:
        TenantFoundError: that was all that is asked for now; the same request comes again.
    """
    if REQUEST_TENANT in request.META:
        raise TenantFoundError(tenant)
