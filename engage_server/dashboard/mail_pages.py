"""The page on which a person says which mail it wants, and the address that mail programs unsubscribe at (RFC 8058)."""

from django.http import HttpRequest, HttpResponse

from engage_server.automation.mail_links import AddressLink, read_address_link
from engage_server.dashboard.customer_pages import (
    customer_page,
    host_of,
    language_of_request,
    page,
    read_form,
)
from engage_server.dashboard.customer_texts import TEXTS
from engage_server.operations.mail_preferences import NOTHING, Preferences, choose, preferences
from engage_server.tenancy.scope import tenant_scope


@customer_page
def mail(request: HttpRequest, link: str) -> HttpResponse:
    """What is wanted now. A POST unsubscribes at once, whatever its body says: it is the one click of RFC 8058.

    Looking changes nothing, since programs that look for viruses follow every link of a mail.
    """
    found = read_address_link(link, host=host_of(request))
    with tenant_scope(found.tenant):
        if request.method == "POST":
            choose(found, NOTHING)
            return _page(request, link, found, NOTHING, is_saved=True)
        return _page(request, link, found, preferences(found))


@customer_page
def mail_choice(request: HttpRequest, link: str) -> HttpResponse:
    """Keep what the page's form says."""
    found = read_address_link(link, host=host_of(request))
    with tenant_scope(found.tenant):
        if request.method != "POST":
            return _page(request, link, found, preferences(found))
        form = read_form(request)
        wanted = Preferences(messages="messages" in form, surveys="surveys" in form)
        if "none" in form:
            wanted = NOTHING
        choose(found, wanted)
    return _page(request, link, found, wanted, is_saved=True)


def _page(
    request: HttpRequest, link: str, found: AddressLink, wanted: Preferences, *, is_saved: bool = False
) -> HttpResponse:
    language = language_of_request(request)
    texts = TEXTS[language]
    done = {(True, True): "both", (True, False): "messages", (False, True): "surveys", (False, False): "none"}
    said = texts[f"mail_saved_{done[wanted.messages, wanted.surveys]}"].format(name=found.tenant_name)
    context = {
        "heading": texts["mail_heading"].format(name=found.tenant_name),
        "link": link,
        "wanted": wanted,
        "done": said if is_saved else "",
    }
    return page(request, "mail", context, language=language)
