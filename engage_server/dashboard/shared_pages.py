"""What is shared by secret addresses: an account's own page and the calendar of renewals. They need no key and no cookie."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.views.decorators.http import require_safe

from engage_server.access.exceptions import ForeignHostError
from engage_server.access.keys import require_host
from engage_server.access.request_tenant import find_tenant
from engage_server.automation.account_page import account_page
from engage_server.automation.exceptions import UnknownShareError
from engage_server.automation.renewals import calendar, renewals
from engage_server.automation.reports.customer import customer_document
from engage_server.automation.reports.pages import POLICY, as_html
from engage_server.automation.reports.texts import TEXTS
from engage_server.automation.shares import Opened, ShareKind, opened
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import tenant_scope

LONGEST: Final = 100
"""Characters of a token."""


@require_safe
def account(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's own page; a clear page where there is none."""
    try:
        found = _opened(request, token, ShareKind.ACCOUNT)
        with tenant_scope(found.tenant):
            page = account_page(found.share)
    except (UnknownShareError, ForeignHostError):
        return _gone()
    return _gone() if page is None else _answer(as_html(customer_document(page)), "text/html")


@require_safe
def renewal_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The renewals of the next year, for calendars that subscribe to the address."""
    try:
        found = _opened(request, token, ShareKind.CALENDAR)
    except (UnknownShareError, ForeignHostError):
        return _gone()
    with tenant_scope(found.tenant):
        today = database_now().astimezone(found.tenant.zone).date()
        return _answer(calendar(renewals(today)), "text/calendar")


def _opened(request: HttpRequest, token: str, kind: ShareKind) -> Opened:
    if len(token) > LONGEST:
        raise UnknownShareError(
            "The address is too long to be one of ours. Remedy: copy it whole, and nothing else."
        )
    found = opened(token, kind)
    require_host(split_domain_port(request.get_host())[0], found.tenant.id)
    find_tenant(request, found.tenant.id)
    return found


def _answer(content: str | bytes, kind: str, *, status: int = 200) -> HttpResponse:
    response = HttpResponse(content, status=status, content_type=f"{kind}; charset=utf-8")
    response["Content-Security-Policy"] = POLICY
    # Whoever has the address sees what stands behind it: nobody between keeps it, and no link tells it on.
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _gone() -> HttpResponse:
    return _answer("\n".join(words["gone"] for words in TEXTS.values()), "text/plain", status=404)
