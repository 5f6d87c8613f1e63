"""The dashboard's page, its files, and the documents that it sends."""

import hashlib
import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from graphql import build_schema, parse, validate

from engage_server.access.principal import Role
from engage_server.dashboard.bundle import BUNDLE_FILES, address, documents, needed_by
from engage_server.definitions.documents import MEMBERS, digest_of
from engage_server.operations.documents import demand_documents
from engage_server.operations.members import invite_member
from engage_server.operations.tenants import rename
from engage_server.tenancy.scope import tenant_scope
from tests.access.people import Browser, member, operator_of

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "engage_server" / "dashboard" / "web"
ADA = "ada@example.com"


@pytest.fixture
def signed_in(acme) -> Browser:
    member(acme, ADA)
    browser = Browser("acme.localhost")
    browser.sign_in(ADA)
    return browser


def test_the_servers_address_leads_to_the_dashboard_by_way_of_signing_in(acme):
    browser = Browser("acme.localhost")
    assert browser.get("/").headers["Location"] == "/app/"
    asked = browser.get("/app/accounts/corvus?metric=a.b").headers["Location"]
    assert asked == "/people/sign-in?next=/app/accounts/corvus%3Fmetric%3Da.b"


def test_the_page_is_one_for_all_views_and_has_nothing_inline(signed_in):
    pages = [signed_in.get(path) for path in ("/app/", "/app/accounts/a", "/app/metrics/x.y")]
    assert {page.status_code for page in pages} == {200}
    text = pages[0].content.decode()
    assert not re.search(
        r"<script(?![^>]*\b(?:src=|type=.application/json))|<style|\bstyle=|\son[a-z]+=", text
    )
    assert "unsafe" not in pages[0].headers["Content-Security-Policy"]
    assert pages[0].headers["Cache-Control"] == "no-store"


def test_the_page_bears_a_token_that_the_api_takes(signed_in):
    token = re.search(r'data-token="([^"]+)"', signed_in.get("/app/").content.decode())
    answer = signed_in.client.post(
        "/graphql",
        {"query": "{ tenant { slug } }"},
        content_type="application/json",
        headers={"X-CSRFToken": token[1]},
    )
    assert answer.json()["data"] == {"tenant": {"slug": "acme"}}


def test_files_are_named_by_what_is_in_them_and_kept_for_a_year(signed_in):
    for name in (address("early.js"), address("main.js"), address("main.css"), *needed_by("setup/plugins")):
        response = signed_in.get(f"/static/{name}")
        assert "immutable" in response.headers["Cache-Control"]
        assert b"".join(response.streaming_content)


@pytest.mark.parametrize(
    "told",
    [
        "%2Fapp%2F|{asked}",  # of another place
        "%2Fapp%2F%3Fstage%3DANY|{asked}%22 onload=%22x",
        '%2Fapp%2F%3Fstage%3DANY|documentId=0123456789abcdef&variables=%7B%7D" onload="x',
        "%2Fapp%2F%3Fstage%3DANY|query=mutation",
        "%2Fapp%2F%3Fstage%3DANY|documentId=0123456789abcdef&variables=%7B%7D",  # no such document
        "%2Fapp%2F%3Fstage%3DANY|{asked}{many}",
        "nothing",
    ],
)
def test_what_is_not_asked_for_at_this_place_is_not_answered_in_the_page(signed_in, told):
    signed_in.client.cookies["engage_first"] = told.format(asked=asked_first(), many="1" * 2000)
    assert 'id="first"' not in signed_in.get("/app/?stage=ANY").content.decode()


def test_what_the_page_asked_for_at_its_last_visit_of_a_place_is_answered_in_its_head(signed_in):
    assert answer_in(signed_in)["data"]["tenant"]["slug"] == "acme"


def test_an_answer_in_the_page_cannot_end_its_element(signed_in):
    rename("acme", name="</script><script>alert(1)</script>&amp;")
    assert answer_in(signed_in)["data"]["tenant"]["name"] == "</script><script>alert(1)</script>&amp;"


def test_an_answer_in_the_page_is_that_of_whoever_asks_for_the_page(globex, signed_in):
    member(globex, "bob@example.com")
    other = Browser("globex.localhost")
    other.sign_in("bob@example.com")
    slugs = [answer_in(browser)["data"]["tenant"]["slug"] for browser in (signed_in, other, signed_in)]
    assert slugs == ["acme", "globex", "acme"]


def asked_first() -> str:
    """What the built page asks of who is signed in, as its cookie tells."""
    session = next(text for text in documents() if "query Session" in text)
    return f"documentId={digest_of(session)[:16]}&variables=%7B%22korean%22%3Afalse%7D"


def answer_in(browser: Browser) -> dict[str, Any]:
    """The answer that the page comes with, where the cookie tells of one."""
    browser.client.cookies["engage_first"] = f"%2Fapp%2F%3Fstage%3DANY|{asked_first()}"
    found = re.search(
        r'id="first" data-asked="([^"]*)">(.*?)</script>', browser.get("/app/?stage=ANY").content.decode()
    )
    assert found is not None
    assert found[1] == html.escape(asked_first())
    return json.loads(found[2])


BEHIND_A_PREFIX = """
import django; django.setup()
from engage_server.access.principal import EVERYTHING, Principal
from engage_server.audit.actor import operator
from engage_server.dashboard import views
from engage_server.tenancy.scope import TenantRef
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory
acme = Principal(TenantRef(1, "acme", "acme", "UTC"), operator(), EVERYTHING)
views.principal_or_way = lambda request: acme
environ = RequestFactory(headers={"cookie": "sessionid=x"}).get("/app/").environ
answer = get_wsgi_application()(environ, lambda status, headers: print(status))
print(b"".join(answer).decode())
"""


def test_behind_a_path_prefix_every_address_has_it():
    run = subprocess.run(
        [sys.executable, "-c", BEHIND_A_PREFIX],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "engage_server.settings.testing",
            "ENGAGE_PATH_PREFIX": "/engage/",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("200")
    found = r'(?:data-(?:root|api|people|sign-in|sign-out|choose-tenant)|src|href)="(/[^"]*)"'
    addresses = re.findall(found, run.stdout)
    assert len(addresses) == 9 + len(needed_by(""))
    assert [one for one in addresses if not one.startswith("/engage/")] == []


def test_switching_tenants_leads_back_to_the_dashboard_and_nowhere_else(acme, globex):
    member(acme, ADA)
    invite_member(operator_of(globex), email=ADA, role=Role.VIEWER)
    browser = Browser("localhost")
    browser.sign_in(ADA)
    back = browser.submit("/people/", to="/people/tenant", tenant="globex", next="/app/accounts/a")
    assert back.headers["Location"] == "/app/accounts/a"
    away = browser.submit("/people/", to="/people/tenant", tenant="acme", next="https://evil.example/")
    assert away.headers["Location"] == "/people/"


def test_every_document_fits_the_schema():
    schema = build_schema((ROOT / "engage_server" / "api" / "schema.graphql").read_text())
    documents = sorted(WEB.glob("src/**/*.graphql"))
    assert documents
    for document in documents:
        assert validate(schema, parse(document.read_text())) == [], document


def test_nothing_of_the_bundle_is_fetched_from_elsewhere():
    script = "".join(file.read_text() for file in BUNDLE_FILES.glob("*.js"))
    sheet = (BUNDLE_FILES / address("main.css").rpartition("/")[2]).read_text()
    namespaces = {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1998/Math/MathML",
        "http://www.w3.org/1999/xhtml",
    }
    assert set(re.findall(r"https?://[\w./-]+", script + sheet)) <= namespaces
    assert "url(" not in sheet
    assert "eval(" not in script
    assert "new Function" not in script


def test_a_page_names_what_its_view_needs_so_that_all_is_fetched_at_once(signed_in):
    for path, view in (("/app/", ""), ("/app/accounts/a/why", "accounts")):
        named = re.findall(r'modulepreload" href="/static/([^"]+)"', signed_in.get(path).content.decode())
        assert named == needed_by(view)
    assert set(needed_by("accounts")) > set(needed_by("no-such-view"))


def test_what_is_asked_first_is_asked_before_the_other_scripts_are_read(signed_in):
    scripts = re.findall(r'<script ([^>]*)src="/static/([^"]+)"', signed_in.get("/app/").content.decode())
    assert scripts == [("", address("early.js")), ('type="module" ', address("main.js"))]
    early = (BUNDLE_FILES / address("early.js").rpartition("/")[2]).read_text()
    asked = {text for text in documents() if hashlib.sha256(text.encode()).hexdigest()[:16] in early}
    assert {re.search(r"query (\w+)", text)[1] for text in asked} == {"Book", "Session"}


def test_what_the_built_page_sends_is_what_stands_beside_the_views():
    name = re.compile(r"^\s*(?:query|mutation|subscription) (\w+)", re.MULTILINE)
    written = [found for file in WEB.glob("src/**/*.graphql") for found in name.findall(file.read_text())]
    assert sorted(found for text in documents() for found in name.findall(text)) == sorted(written)


def test_the_built_page_sends_ids_which_every_tenant_trusts(acme, signed_in):
    with tenant_scope(acme):
        demand_documents(MEMBERS)
    session = next(text for text in documents() if "query Session" in text)
    token = re.search(r'data-token="([^"]+)"', signed_in.get("/app/").content.decode())[1]

    def ask(**asked):
        return signed_in.client.post(
            "/graphql", asked, content_type="application/json", headers={"X-CSRFToken": token}
        ).json()

    assert ask(documentId=digest_of(session))["data"]["tenant"]["slug"] == "acme"
    assert ask(query="{ tenant { slug } }")["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    texts = "".join(file.read_text() for file in BUNDLE_FILES.glob("*.js"))
    assert f'"{digest_of(session)[:16]}"' in texts
    assert "query Session" not in texts


def test_who_is_of_several_companies_chooses_before_anything_is_drawn(acme, globex):
    member(acme, ADA)
    invite_member(operator_of(globex), email=ADA, role=Role.VIEWER)
    browser = Browser("localhost")
    browser.sign_in(ADA)
    assert (
        browser.get("/app/signals?show=all").headers["Location"]
        == "/people/?next=%2Fapp%2Fsignals%3Fshow%3Dall"
    )
    browser.submit("/people/", to="/people/tenant", tenant="globex", next="/app/")
    assert 'data-tenant="globex"' in browser.get("/app/").content.decode()


def test_a_session_that_is_over_leads_to_signing_in_and_not_to_an_empty_page(signed_in):
    signed_in.client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert signed_in.get("/app/moved").headers["Location"] == "/people/sign-in?next=/app/moved"


def test_the_lock_file_names_no_registry():
    assert "resolved" not in (WEB / "package-lock.json").read_text()
