"""Pages of origins that a tenant lets act use the session of who is signed in; all others have nothing of it."""

import json
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Role
from engage_server.api.exceptions import RequestError
from engage_server.api.live.handshakes import recognise
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.tenancy import origins
from tests.access.people import Browser, member

ALLOW, WITH_COOKIES = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"
APP, NAMED = "https://app.example.com", "https://www.example.com"
# Whom an exact comparison alone keeps out.
OTHERS = (
    "null", "https://evil.example.com", "https://sub.app.example.com", "https://app.example.com.evil.example",
    "http://app.example.com", "https://app.example.com:8443", "https://APP.example.com", "https://app.example.com/",
    "https://example.com",
)  # fmt: skip
ADA = "ada@example.com"
TENANT = "{ tenant { slug } }"


@pytest.fixture(autouse=True)
def nothing_remembered():
    origins._owners.clear()


class App:
    """An app of another origin in a browser in which Ada is signed in at the tenant's host."""

    def __init__(self, host: str = "acme.localhost", origin: str = APP) -> None:
        browser = Browser(host)
        browser.sign_in(ADA)
        self.client, self.origin = browser.client, origin

    def headers(self, **more: str) -> dict[str, str]:
        return {"origin": self.origin, "sec-fetch-site": "same-site", **more}

    def get_token(self):
        return self.client.get("/graphql/token", headers=self.headers())

    def post(self, query: str = TENANT, **headers: str):
        body = json.dumps({"query": query})
        return self.client.post(
            "/graphql", body, content_type="application/json", headers=self.headers(**headers)
        )

    def post_with_token(self, query: str = TENANT):
        told = self.get_token().json()
        return self.post(query, **{told["header"]: told["token"]})


def code_of(response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


@pytest.fixture
def named(acme):
    member(acme, ADA, Role.ADMIN)
    call_command("tenant", "origins", "acme", APP, NAMED, "--acting", APP)


def test_a_page_that_may_act_asks_and_changes_as_who_is_signed_in(named):
    response = App().post_with_token(
        'mutation { updateTenant(input: {name: "Acme two"}) { tenant { name } } }'
    )
    assert response.json()["data"] == {"updateTenant": {"tenant": {"name": "Acme two"}}}
    assert (response[ALLOW], response[WITH_COOKIES]) == (APP, "true")
    assert "origin" in response["Vary"].lower()


def test_a_page_that_may_act_needs_the_token_all_the_same(named):
    app = App()
    assert code_of(app.post()) == (403, "FOREIGN_PAGE")
    assert code_of(app.post(**{"X-CSRFToken": "x" * 64})) == (403, "FOREIGN_PAGE")


def test_the_browser_is_told_in_advance_that_cookies_may_come(named, globex):
    def preflight(origin: str, host: str = "acme.localhost"):
        headers = {"host": host, "origin": origin, "access-control-request-method": "POST"}
        return Client().options("/graphql", headers=headers)

    allowed = preflight(APP)
    assert (allowed[ALLOW], allowed[WITH_COOKIES]) == (APP, "true")
    assert "x-csrftoken" in allowed["Access-Control-Allow-Headers"]
    assert "origin" in allowed["Vary"].lower()
    assert preflight(NAMED)[ALLOW] == NAMED
    assert WITH_COOKIES not in preflight(NAMED)
    for origin in OTHERS:
        assert {ALLOW, WITH_COOKIES}.isdisjoint(preflight(origin).headers), origin
    assert {ALLOW, WITH_COOKIES}.isdisjoint(preflight(APP, "globex.localhost").headers)
    assert WITH_COOKIES not in preflight(APP, "localhost"), "at a host of nobody's"


@pytest.mark.parametrize("origin", [NAMED, *OTHERS])
def test_of_no_other_page_a_cookie_opens_anything(named, origin):
    token = App().get_token().json()["token"]
    other = App(origin=origin)
    assert code_of(other.get_token()) == (403, "FOREIGN_PAGE")
    assert WITH_COOKIES not in other.get_token().headers
    for asked in (other.post(), other.post(**{"X-CSRFToken": token})):
        assert code_of(asked) == (403, "FOREIGN_PAGE")
        assert WITH_COOKIES not in asked.headers
    by_get = other.client.get("/graphql", {"query": TENANT}, headers=other.headers())
    assert code_of(by_get) == (403, "FOREIGN_PAGE")


def test_reading_by_get_needs_no_token_of_a_page_that_may_act(named):
    app = App()
    response = app.client.get("/graphql", {"query": TENANT}, headers=app.headers())
    assert response.json()["data"] == {"tenant": {"slug": "acme"}}
    assert (response[ALLOW], response[WITH_COOKIES]) == (APP, "true")


def test_what_one_tenant_lets_act_acts_in_no_other(named, globex):
    member(globex, ADA, Role.ADMIN)
    there = App("globex.localhost")
    assert code_of(there.get_token()) == (403, "FOREIGN_PAGE")
    assert code_of(there.post()) == (403, "FOREIGN_PAGE")
    call_command("tenant", "origins", "globex", NAMED, "--acting", NAMED)
    assert code_of(there.post()) == (403, "FOREIGN_PAGE")
    its_own = App("globex.localhost", NAMED)
    assert its_own.post_with_token().json()["data"] == {"tenant": {"slug": "globex"}}


def test_at_a_host_of_nobodys_no_page_acts(named):
    assert code_of(App("localhost").get_token()) == (403, "FOREIGN_PAGE")
    assert code_of(App("localhost").post()) == (403, "FOREIGN_PAGE")


def test_a_page_hears_that_nobody_is_signed_in_and_where_one_signs_in(named):
    headers = {"host": "acme.localhost", "origin": APP}
    for cookies in ({}, {"sessionid": "x" * 32}):
        client = Client()
        client.cookies.load(cookies)
        response = client.get("/graphql/token", headers=headers)
        assert code_of(response) == (401, "UNAUTHENTICATED")
        assert "/people/sign-in" in response.json()["errors"][0]["message"]
        assert (response[ALLOW], response[WITH_COOKIES]) == (APP, "true")


def test_by_websocket_pages_that_may_act_and_no_others_use_the_session(named):
    cookie = f"sessionid={App().client.cookies['sessionid'].value}"
    environ = {
        "HTTP_HOST": "acme.localhost", "HTTP_COOKIE": cookie, "wsgi.input": BytesIO(), "wsgi.url_scheme": "https",
        "REQUEST_METHOD": "GET", "SERVER_NAME": "acme.localhost", "SERVER_PORT": "443", "PATH_INFO": "/graphql",
    }  # fmt: skip
    _, principal = recognise({**environ, "HTTP_ORIGIN": APP}, {})
    assert principal.actor.startswith("user:")
    for origin in (NAMED, *OTHERS):
        with pytest.raises(RequestError, match="comes from a page of"):
            recognise({**environ, "HTTP_ORIGIN": origin}, {})


def test_who_may_not_manage_members_lets_no_page_act_and_keeps_those_that_do(named, acme):
    rights = frozenset({Permission.METRICS_READ, Permission.CONFIG_WRITE})
    key = make_key(acme, KeyRequest(ApiKey.Kind.ADMIN, permissions=rights)).text

    def ask(fields: str):
        query = f"mutation {{ setOrigins(input: {{{fields}}}) {{ settings {{ allowedOrigins actingOrigins }} }} }}"
        headers = {"authorization": f"Bearer {key}", "host": "acme.localhost"}
        return (
            Client()
            .post("/graphql", {"query": query}, content_type="application/json", headers=headers)
            .json()
        )

    refused = ask(f'origins: ["{NAMED}"], acting: ["{NAMED}"]')
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    kept = ask(f'origins: ["{NAMED}", "{APP}"]')["data"]["setOrigins"]["settings"]
    assert kept == {"allowedOrigins": [APP, NAMED], "actingOrigins": [APP]}
    left = ask(f'origins: ["{NAMED}"]')["data"]["setOrigins"]["settings"]
    assert left == {"allowedOrigins": [NAMED], "actingOrigins": []}


def test_what_is_not_named_or_comes_by_plain_http_may_not_act(acme, capsys):
    with pytest.raises(CommandError, match="is not named"):
        call_command("tenant", "origins", "acme", NAMED, "--acting", APP)
    with pytest.raises(CommandError, match="plain HTTP"):
        call_command(
            "tenant", "origins", "acme", "http://app.example.com", "--acting", "http://app.example.com"
        )
    local = "http://app.localhost:5173"
    call_command("tenant", "origins", "acme", NAMED, local, "--acting", local)
    assert capsys.readouterr().out.splitlines()[-2:] == [f"{local} (acts)", NAMED]
