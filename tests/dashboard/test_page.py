"""The dashboard's page, its files, and the documents that it sends."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from engage_server.access.principal import Role
from engage_server.dashboard.bundle import BUNDLE_FILES, address
from engage_server.operations.members import invite_member
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
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=", text)
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
    for name in ("main.js", "main.css"):
        response = signed_in.get(f"/static/{address(name)}")
        assert "immutable" in response.headers["Cache-Control"]
        assert b"".join(response.streaming_content)


BEHIND_A_PREFIX = """
import django; django.setup()
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory
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
    assert len(addresses) == 8
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
    script = (BUNDLE_FILES / address("main.js").rpartition("/")[2]).read_text()
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


def test_the_lock_file_names_no_registry():
    assert "resolved" not in (WEB / "package-lock.json").read_text()
