"""Browsers get a page of our own files, held by a policy to nothing else."""

import re

import pytest
from django.test import Client

from engage_server.dashboard.urls import GRAPHIQL_FILES

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def page(**headers):
    return Client().get("/graphql", headers={**BROWSER, **headers})


def test_the_page_takes_scripts_and_styles_from_this_server_alone():
    response = page()
    assert response.status_code == 200
    text = response.content.decode()
    assets = re.findall(r'<(?:link|script)[^>]* (?:src|href)="(?!data:)([^"]*)"', text)
    assert len(assets) == 4
    for asset in assets:
        served = Client().get(asset)
        assert served.status_code == 200
        assert b"".join(served.streaming_content)
    assert "<script>" not in text
    assert not re.search(r"\son\w+=", text)


def test_the_policy_allows_no_foreign_and_no_inline_script():
    policy = dict(part.strip().split(" ", 1) for part in page()["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


def test_no_file_loads_anything_from_elsewhere():
    for name in ("graphiql.css", "page.css"):
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", (GRAPHIQL_FILES / name).read_text())
    assert "import(" not in (GRAPHIQL_FILES / "page.js").read_text()


def test_switched_off_there_is_no_page(settings):
    settings.ENGAGE_GRAPHIQL = False
    response = page()
    assert response.status_code == 404
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("path", ["../../../views.py", "..%2f..%2f..%2fviews.py", "nothing.js"])
def test_no_other_file_is_handed_out(path):
    # Django refuses a path that leaves the folder with 400, a missing file with 404.
    assert Client().get(f"/static/engage/graphiql/{path}").status_code in {400, 404}
