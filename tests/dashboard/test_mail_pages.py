"""The page of one's mail needs no key and no script, changes nothing by being looked at, and says what was done."""

import pytest
from django.test import Client

from engage_server.automation.mail_links import preferences_url, read_address_link
from engage_server.operations.mail_preferences import Preferences, preferences
from engage_server.tenancy.scope import tenant_scope

FORM = "application/x-www-form-urlencoded"
BOTH, NONE = Preferences(messages=True, surveys=True), Preferences(messages=False, surveys=False)


def path_of(tenant, address: str = "ada@x.example") -> str:
    url = preferences_url(tenant, 7, address, language="en")
    return url.removeprefix("http://localhost:8000").partition("?")[0]


def wanted(tenant) -> Preferences:
    with tenant_scope(tenant):
        link = read_address_link(path_of(tenant).rpartition("/")[2], host="localhost")
        return preferences(link)


def test_looking_changes_nothing_and_shows_no_address(acme):
    response = Client().get(path_of(acme))
    page = response.content.decode()
    assert (response.status_code, wanted(acme)) == (200, BOTH)
    assert "ada@x.example" not in page
    assert "<script" not in page
    assert page.count(" checked") == 2
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert (response["X-Frame-Options"], response["Cache-Control"]) == ("DENY", "no-store")
    assert response.cookies == {}


@pytest.mark.parametrize(
    ("type", "body"),
    [
        (FORM, b"List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
        ),
        ("text/plain", b""),
    ],
)
def test_one_click_of_a_mail_program_unsubscribes_from_one_tenant(acme, globex, type, body):
    client = Client(enforce_csrf_checks=True)
    response = client.post(path_of(acme), body, content_type=type, headers={"Host": "acme.localhost"})
    assert (response.status_code, wanted(acme), wanted(globex)) == (200, NONE, BOTH)
    assert "You are unsubscribed." in response.content.decode()


def test_the_form_says_what_was_done_in_both_languages(acme):
    path = f"{path_of(acme)}/choice"
    response = Client().post(path, "messages=on", content_type=FORM)
    assert "Saved. You get messages, and no surveys." in response.content.decode()
    assert wanted(acme) == Preferences(messages=True, surveys=False)
    response = Client().post(f"{path}?language=ko", "messages=on&none=1", content_type=FORM)
    assert "수신 거부되었습니다." in response.content.decode()
    assert '<html lang="ko">' in response.content.decode()
    assert wanted(acme) == NONE
    Client().post(path, "messages=on&surveys=on", content_type=FORM)
    assert wanted(acme) == BOTH


def test_the_browser_s_language_counts_where_the_link_names_none(acme):
    page = Client().get(path_of(acme), headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"})
    assert '<html lang="ko">' in page.content.decode()
    page = Client().get(path_of(acme), headers={"Accept-Language": "xx"})
    assert '<html lang="en">' in page.content.decode()


def test_a_forged_link_is_told_so_and_opens_nothing(acme, globex):
    good = path_of(acme)
    for bad in (
        good[:-1],
        good.replace(f"/mail/{acme.id}.", f"/mail/{globex.id}."),
        good[:-3] + "äöü",
        "/mail/x",
        "/mail/" + "x" * 5_000,
    ):
        for response in (Client().get(bad), Client().post(bad, "", content_type=FORM)):
            assert response.status_code == 404
            assert "This link does not work" in response.content.decode()
    assert (wanted(acme), wanted(globex)) == (BOTH, BOTH)


def test_at_another_tenants_host_and_from_another_page_nothing_is_changed(acme, globex):
    for headers, said in (
        ({"Host": "globex.localhost"}, "Not at this address"),
        ({"Host": "nobody.example"}, "Not at this address"),
        ({"Origin": "https://evil.example"}, "Not from this page"),
        ({"Origin": "null"}, "Not from this page"),
    ):
        response = Client().post(path_of(acme), "", content_type=FORM, headers=headers)
        assert (response.status_code, said in response.content.decode()) == (403, True)
    assert wanted(acme) == BOTH
    own = {"Host": "acme.localhost", "Origin": "http://acme.localhost"}
    assert Client().post(path_of(acme), "", content_type=FORM, headers=own).status_code == 200
    assert wanted(acme) == NONE


@pytest.mark.parametrize(
    ("body", "type"), [("x" * 40_000, FORM), ("a=1&" * 100, FORM), ("{}", "application/json")]
)
def test_what_is_no_form_of_ours_is_refused_unread(acme, body, type):
    response = Client().post(f"{path_of(acme)}/choice", body, content_type=type)
    assert (response.status_code, wanted(acme)) == (400, BOTH)
    assert "This was not understood" in response.content.decode()
