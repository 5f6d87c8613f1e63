"""Whose request it is, is known without the database where that said so a moment ago; it opens nothing."""

import re

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.urls import resolve

from engage_server.access.request_tenant import REQUEST_TENANT, TenantFoundError
from engage_server.front.surfaces import QUERIES, surface_of
from engage_server.tenancy.scope import TenantRef
from engage_server.tenancy.tenant_cache import invalidate_tenant
from tests.access.people import Browser, member

ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture
def browsers(acme: TenantRef, globex: TenantRef) -> list[Browser]:
    """Somebody of each tenant, signed in at its host."""
    found = []
    for tenant, email in ((acme, ADA), (globex, BOB)):
        member(tenant, email)
        browser = Browser(f"{tenant.slug}.localhost")
        browser.sign_in(email)
        found.append(browser)
    return found


def environ_of(browser: Browser, host: str, **more: str) -> dict[str, str]:
    cookie = f"other=1; {settings.SESSION_COOKIE_NAME}={browser.session_key()}"
    return {
        "HTTP_COOKIE": cookie,
        "HTTP_HOST": host,
        "SERVER_NAME": "server",
        "HTTP_X_CSRFTOKEN": "any",
        **more,
    }


def test_what_a_page_asks_first_is_known_to_be_its_tenants(acme, globex, browsers):
    at_acme, at_globex = browsers
    for browser in browsers:
        assert browser.get("/app/").status_code == 200
    assert QUERIES.recognise(environ_of(at_acme, "acme.localhost:8000")) == acme.id
    assert QUERIES.recognise(environ_of(at_globex, "globex.localhost")) == globex.id
    assert QUERIES.recognise(environ_of(at_acme, "globex.localhost")) is None
    invalidate_tenant(acme.id)
    assert QUERIES.recognise(environ_of(at_acme, "acme.localhost")) is None
    assert QUERIES.recognise(environ_of(at_globex, "globex.localhost")) == globex.id


def test_a_page_of_the_dashboard_is_made_by_its_tenants_threads_once_it_is_known_whose_it_is(acme, browsers):
    environ = RequestFactory().get("/app/accounts/a").environ | environ_of(browsers[0], "acme.localhost")
    assert surface_of(environ).is_of_tenants
    view, arguments, fields = resolve("/app/accounts/a")
    environ[REQUEST_TENANT] = True
    with pytest.raises(TenantFoundError) as found:
        view(WSGIRequest(environ), *arguments, **fields)
    assert found.value.tenant == acme.id
    del environ[REQUEST_TENANT]
    assert view(WSGIRequest(environ), *arguments, **fields).status_code == 200


def test_who_is_not_signed_in_holds_no_tenants_thread(acme):
    environ = RequestFactory().get("/app/").environ | {REQUEST_TENANT: True}
    view, arguments, fields = resolve("/app/")
    assert view(WSGIRequest(environ), *arguments, **fields).status_code == 302


def test_without_a_token_or_with_another_header_a_session_is_not_known(acme, browsers):
    (at_acme, _) = browsers
    at_acme.get("/app/")
    known = environ_of(at_acme, "acme.localhost")
    assert (
        QUERIES.recognise({name: value for name, value in known.items() if name != "HTTP_X_CSRFTOKEN"})
        is None
    )
    assert QUERIES.recognise(known | {"HTTP_AUTHORIZATION": "Bearer eng_live_qry_none"}) is None
    assert (
        QUERIES.recognise({"HTTP_HOST": "acme.localhost", "SERVER_NAME": "server", "HTTP_X_CSRFTOKEN": "any"})
        is None
    )


def test_a_session_that_was_known_and_ended_opens_nothing(acme, browsers):
    (at_acme, _) = browsers
    page = at_acme.get("/app/").content.decode()
    token, known = re.search(r'data-token="([^"]+)"', page)[1], environ_of(at_acme, "acme.localhost")
    cookies = {name: morsel.value for name, morsel in at_acme.client.cookies.items()}
    at_acme.submit("/people/", to="/people/sign-out")
    assert QUERIES.recognise(known) == acme.id, "it only says in which queue the request waits"
    at_acme.client.cookies.load(cookies)
    answer = at_acme.client.post(
        "/graphql",
        {"query": "{ tenant { slug } }"},
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 401
