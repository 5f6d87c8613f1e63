"""Signing in with a password: by invitation, slowed down, recorded, under a session key of its own."""

import logging
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from engage_server.access.models import User
from engage_server.access.principal import Role
from engage_server.access.throttle import MOST_BY_ACCOUNT
from engage_server.access.users import password_link
from engage_server.audit import log
from engage_server.dashboard.urls import PEOPLE_FILES
from engage_server.operations.members import invite_member, list_members, remove_member
from engage_server.tenancy.scope import current_scope, shared_scope, tenant_scope
from tests.access.people import PASSWORD, Browser, member, operator_of, unread_body

ADA = "ada@example.com"


def entries(tenant, action: str = "user.") -> list[tuple[str, str, dict]]:
    with tenant_scope(tenant):
        return [(entry.action, entry.subject, entry.details) for entry in log.newest(50, action=action)]


@pytest.fixture
def ada(acme) -> User:
    return member(acme, ADA)


@pytest.fixture
def browser(acme) -> Browser:
    return Browser("acme.localhost")


def test_a_member_signs_in_sees_the_tenant_and_signs_out(ada, browser):
    assert browser.get("/people/").headers["Location"] == "/people/sign-in?next=/people/"
    assert browser.sign_in(ADA).headers["Location"] == "/app/"
    page = browser.get("/people/").content.decode()
    assert ADA in page
    assert "Acme" in page
    assert browser.submit("/people/", to="/people/sign-out").headers["Location"] == "/people/sign-in"
    assert browser.get("/people/").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"), [(ADA, "wrong"), ("stranger@example.com", PASSWORD), (ADA, "!")]
)
def test_a_wrong_password_and_an_unknown_person_look_the_same(ada, browser, email, password):
    response = browser.sign_in(email, password)
    assert response.status_code == 200
    assert re.findall('role="alert">([^<]*)', response.content.decode()) == [
        "The email address and/or password you specified are not correct."
    ]
    assert browser.get("/people/").status_code == 302


def test_somebody_invited_without_a_password_cannot_sign_in(acme, browser):
    invite_member(operator_of(acme), email=ADA, role=Role.VIEWER)
    assert browser.sign_in(ADA, "").status_code == 200
    assert browser.sign_in(ADA, "!").status_code == 200
    assert browser.get("/people/").status_code == 302


def test_a_locked_person_is_refused_like_a_stranger_and_their_session_ends(ada, browser):
    browser.sign_in(ADA)
    with shared_scope():
        User.objects.update(is_active=False)
    assert browser.get("/people/").status_code == 302
    assert "not correct" in browser.sign_in(ADA).content.decode()


def test_a_form_without_its_token_is_refused(ada, browser):
    browser.get("/people/sign-in")
    assert browser.post_form("/people/sign-in", login=ADA, password=PASSWORD).status_code == 403


@pytest.mark.parametrize("path", ["/people/sign-in", "/people/sign-out", "/people/tenant", "/healthz"])
@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/x-www-form-urlencoded", 413), ("multipart/form-data; boundary=b", 415)],
)
def test_of_a_form_that_no_page_sends_not_one_byte_is_read(acme, path, content_type, status):
    browser = Browser("acme.localhost")
    browser.client.cookies["csrftoken"] = "x" * 32  # made by whoever sends it
    assert browser.client.generic("POST", path, **unread_body(content_type)).status_code == status


@pytest.mark.parametrize(
    "path", ["/people/oidc/login", "/people/nowhere", "/nowhere", "/static/engage/people/x"]
)
@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
def test_of_a_form_that_is_sent_to_nowhere_not_one_byte_is_read(acme, path, content_type):
    browser = Browser("acme.localhost")
    browser.client.cookies["csrftoken"] = "x" * 32
    response = browser.client.generic("POST", path, **unread_body(content_type))
    assert response.status_code in {404, 413, 415}
    assert response.headers["Content-Type"].startswith("text/plain")


def test_the_session_gets_another_key_when_somebody_signs_in(ada, browser):
    browser.get("/people/sign-in")
    with shared_scope():
        planted = browser.client.session
        planted["planted"] = True
        planted.save()
    browser.client.cookies["sessionid"] = planted.session_key
    browser.sign_in(ADA)
    assert browser.session_key() not in {"", planted.session_key}
    browser.client.cookies["sessionid"] = planted.session_key
    assert browser.get("/people/").status_code == 302


def test_signing_out_ends_the_session_on_the_server(ada, browser):
    browser.sign_in(ADA)
    key = browser.session_key()
    browser.submit("/people/", to="/people/sign-out")
    browser.client.cookies["sessionid"] = key
    assert browser.get("/people/").status_code == 302


def test_the_sixth_guess_is_refused_even_with_the_right_password(ada, browser):
    for n in range(MOST_BY_ACCOUNT):
        assert browser.sign_in(ADA, f"guess {n}").status_code == 200
    refused = browser.sign_in(ADA, PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert browser.get("/people/").status_code == 302


def signed_in_at(tenant) -> list:
    return [found.signed_in_at for found in list_members(tenant)]


def test_sign_ins_and_failures_are_recorded_in_the_hosts_tenant_and_unknown_to_the_persons_others(
    acme, globex, ada
):
    invite_member(operator_of(globex), email=ADA, role=Role.ADMIN)
    browser = Browser("acme.localhost", address="198.51.100.7")
    browser.sign_in(ADA, "wrong")
    browser.sign_in(ADA)
    assert entries(acme) == [
        ("user.signed_in", ada.actor, {"address": "198.51.100.7"}),
        ("user.sign_in_failed", ada.actor, {"reason": "wrong_credentials", "address": "198.51.100.7"}),
    ]
    with tenant_scope(acme):
        assert [entry.actor for entry in log.newest(2)] == [ada.actor, "visitor"]
    assert entries(globex) == []
    assert signed_in_at(acme) != [None]
    assert signed_in_at(globex) == [None]


def test_at_the_servers_own_host_a_sign_in_is_recorded_where_it_leads(acme, globex, ada):
    Browser("localhost").sign_in(ADA)
    assert [action for action, *_ in entries(acme)] == ["user.signed_in"]
    invite_member(operator_of(globex), email=ADA, role=Role.ADMIN)
    browser = Browser("localhost", address="198.51.100.7")
    browser.sign_in(ADA)
    assert len(entries(acme)) == 1
    assert entries(globex) == []
    for _ in range(2):
        browser.submit("/people/", to="/people/tenant", tenant="globex")
    assert entries(globex) == [("user.signed_in", ada.actor, {"address": "198.51.100.7"})]
    assert signed_in_at(globex) != [None]
    assert len(entries(acme)) == 1


@pytest.mark.parametrize("host", ["localhost", "globex.localhost"])
def test_a_failure_at_a_host_of_no_tenant_of_theirs_goes_to_the_servers_log(acme, globex, ada, caplog, host):
    with caplog.at_level(logging.WARNING, logger="engage.access"):
        Browser(host).sign_in(ADA, "wrong")
    assert [getattr(line, "reason", "") for line in caplog.records] == ["wrong_credentials"]
    assert ADA not in caplog.text
    assert entries(acme) == entries(globex) == []


def test_who_signs_in_at_the_host_of_a_tenant_that_is_not_theirs_is_recorded_in_none(acme, globex, ada):
    Browser("globex.localhost").sign_in(ADA)
    assert entries(acme) == entries(globex) == []
    assert signed_in_at(acme) == [None]


def test_whoever_goes_on_guessing_does_not_fill_the_audit_log(acme, ada, browser):
    for n in range(MOST_BY_ACCOUNT + 5):
        browser.sign_in(ADA, f"guess {n}")
    reasons = [details["reason"] for _, _, details in entries(acme)]
    assert reasons == ["throttled"] + ["wrong_credentials"] * MOST_BY_ACCOUNT


def test_a_strangers_failure_goes_to_the_servers_log_without_the_name_typed(acme, browser, caplog):
    with caplog.at_level(logging.WARNING, logger="engage.access"):
        browser.sign_in("stranger@example.com")
    (line,) = [record for record in caplog.records if getattr(record, "action", "") == "user.sign_in_failed"]
    assert "192.0.2.1" in line.getMessage()
    assert "stranger" not in line.getMessage()
    assert entries(acme) == []


# -- the link to choose a password ---------------------------------------------------------------------------------


def choose(browser: Browser, link: str, password: str):
    path = browser.get(link.removeprefix("https://acme.example")).headers["Location"]
    return browser.submit(path, new_password1=password, new_password2=password)


def test_the_link_lets_an_invited_person_choose_a_password_once(acme, browser):
    invite_member(operator_of(acme), email=ADA, role=Role.VIEWER)
    with shared_scope():
        user = User.objects.get(email=ADA)
    link = password_link(user, origin="https://acme.example/")
    assert choose(browser, link, PASSWORD).headers["Location"] == "/people/sign-in"
    assert browser.sign_in(ADA).status_code == 302
    assert ("user.password_set", user.actor, {"address": "192.0.2.1"}) in entries(acme)
    assert (
        "This link is over"
        in Browser("acme.localhost").get(link.removeprefix("https://acme.example")).content.decode()
    )


def test_a_password_is_recorded_where_it_is_chosen_and_in_no_other_tenant(acme, globex, ada, caplog):
    invite_member(operator_of(globex), email=ADA, role=Role.ADMIN)

    def actions(tenant) -> list[str]:
        return [action for action, _, _ in entries(tenant)]

    def choose_at(host: str) -> None:
        with shared_scope():
            link = password_link(User.objects.get(pk=ada.pk), origin="https://acme.example")
        assert choose(Browser(host), link, PASSWORD).status_code == 302

    choose_at("globex.localhost")
    assert (actions(acme), actions(globex)) == ([], ["user.password_set"])
    with caplog.at_level(logging.INFO, logger="engage.access"):
        choose_at("localhost")
    assert (actions(acme), actions(globex)) == ([], ["user.password_set"])
    assert any(getattr(record, "action", "") == "user.password_set" for record in caplog.records)
    call_command("user", "lock", ADA)
    assert (actions(acme), actions(globex)[0]) == (["user.locked"], "user.locked")


def test_a_link_is_over_after_three_days(acme, ada, browser, monkeypatch):
    link = password_link(ada)
    late = timezone.now().replace(tzinfo=None) + timedelta(days=3, minutes=1)
    monkeypatch.setattr("django.contrib.auth.tokens.PasswordResetTokenGenerator._now", lambda self: late)
    assert "This link is over" in browser.get(link.partition(":8000")[2]).content.decode()


@pytest.mark.parametrize("weak", ["short", "password1234", "ada@example.com"])
def test_a_password_that_is_easily_guessed_is_not_kept(ada, browser, weak):
    response = choose(browser, password_link(ada, origin="https://acme.example"), weak)
    assert response.status_code == 200
    assert browser.sign_in(ADA).status_code == 302


def test_another_password_ends_the_sessions_of_the_former(ada, browser):
    browser.sign_in(ADA)
    link = password_link(ada, origin="https://acme.example")
    with shared_scope():
        # Signing in ended the links that were made before.
        link = password_link(User.objects.get(pk=ada.pk), origin="https://acme.example")
    choose(Browser("acme.localhost"), link, "eight loud herons")
    assert browser.get("/people/").status_code == 302


# -- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/people/sign-in", "/people/password/MQ/x", "/people/"])
def test_the_pages_take_nothing_from_elsewhere_and_run_no_script(ada, browser, path):
    browser.sign_in(ADA) if path == "/people/" else None
    response = browser.get(path)
    text = response.content.decode()
    assert "<script" not in text
    assert "style=" not in text
    assert not re.search(r"\son\w+=", text)
    assert re.findall(r'<link rel="stylesheet" href="([^"]*)"', text) == ["/static/engage/people/page.css"]
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "script-src" not in policy
    assert response.headers["Cache-Control"] == "no-store"


def test_the_style_sheet_is_served_and_loads_nothing():
    response = Browser("localhost").get("/static/engage/people/page.css")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)
    assert "url(" not in (PEOPLE_FILES / "page.css").read_text()


def test_at_a_host_that_nobody_vouches_for_there_is_no_page_to_type_a_password(acme, settings):
    assert Browser("evil.example").get("/people/sign-in").status_code == 403
    settings.ALLOWED_HOSTS = ["engage.example", "evil.example.invalid"]
    assert Browser("engage.example").get("/people/sign-in").status_code == 200


@pytest.mark.parametrize("path", ["signup", "sign-up", "email", "password/reset", "connections"])
def test_there_is_no_page_for_strangers_to_sign_up(acme, browser, path):
    assert browser.get(f"/people/{path}").status_code == 404


def test_after_a_page_no_scope_is_left(ada, browser):
    browser.sign_in(ADA)
    browser.get("/people/")
    assert current_scope() is None


# -- several tenants -----------------------------------------------------------------------------------------------


def test_a_person_of_two_tenants_chooses_one_and_cannot_choose_a_third(acme, globex, ada):
    invite_member(operator_of(globex), email=ADA, role=Role.ADMIN)
    browser = Browser("localhost")
    browser.sign_in(ADA)
    page = browser.get("/people/").content.decode()
    assert re.findall(r'name="tenant" value="([^"]*)"', page) == ["acme", "globex"]
    assert "in use" not in page
    browser.submit("/people/", to="/people/tenant", tenant="globex")
    assert "in use" in browser.get("/people/").content.decode()
    remove_member(operator_of(globex), email=ADA)
    browser.submit("/people/", to="/people/tenant", tenant="globex")
    page = browser.get("/people/").content.decode()
    assert "Globex" not in page


def test_at_a_tenants_host_there_is_nothing_to_choose(acme, globex, ada, browser):
    invite_member(operator_of(globex), email=ADA, role=Role.ADMIN)
    browser.sign_in(ADA)
    page = browser.get("/people/").content.decode()
    assert 'name="tenant"' not in page
    assert "in use" in page
