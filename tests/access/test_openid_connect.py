"""An identity provider vouches for people who were invited, and makes nobody a member."""

import importlib
import logging
from collections.abc import Iterator

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.apps import apps
from django.core.management import call_command

from engage_server.access.models import User
from engage_server.audit import log
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.access.people import Browser, member
from tests.access.provider import CLIENT_ID, CLIENT_SECRET, Provider, serving

ADA = "ada@example.com"
CLAIMS = {"sub": "provider-7", "email": "Ada@Example.com", "email_verified": True, "name": "Ada L."}


def use(settings, provider: Provider) -> None:
    """As ENGAGE_OIDC_ISSUER and its companions would."""
    settings.ENGAGE_OIDC_ISSUER = provider.issuer
    settings.ENGAGE_OIDC_NAME = "Example ID"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": provider.issuer,
                    "name": "Example ID",
                    "client_id": CLIENT_ID,
                    "secret": CLIENT_SECRET,
                    "settings": {"server_url": provider.issuer},
                }
            ],
        }
    }


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    with serving() as found:
        found.claims = CLAIMS
        use(settings, found)
        yield found


def sign_in(browser: Browser, provider: Provider):
    leaving = browser.submit("/people/sign-in", to="/people/oidc/login")
    code, state = provider.visited(leaving.headers["Location"])
    return browser.client.get("/people/oidc/callback", {"code": code, "state": state})


def last(tenant) -> tuple[str, str, dict]:
    with tenant_scope(tenant):
        (entry,) = log.newest(1, action="user.")
    return entry.action, entry.subject, entry.details


def test_an_invited_person_signs_in_and_is_known_by_their_number_from_then_on(acme, provider):
    ada = member(acme, ADA)
    browser = Browser("acme.localhost")
    assert "Sign in with Example ID" in browser.get("/people/sign-in").content.decode()
    assert sign_in(browser, provider).headers["Location"] == "/app/"
    assert ADA in browser.get("/people/").content.decode()
    assert last(acme)[:2] == ("user.signed_in", ada.actor)
    provider.claims = {**CLAIMS, "email": "renamed@example.com"}
    again = Browser("acme.localhost")
    assert sign_in(again, provider).status_code == 302
    assert ADA in again.get("/people/").content.decode()


def test_an_address_that_the_provider_gave_to_somebody_else_does_not_open_the_formers_account(acme, provider):
    ada = member(acme, ADA)
    sign_in(Browser("acme.localhost"), provider)
    provider.claims = {**CLAIMS, "sub": "provider-8"}
    browser = Browser("acme.localhost")
    refused = sign_in(browser, provider)
    assert refused.status_code == 403
    assert "belongs to another identity" in refused.content.decode()
    assert browser.get("/people/").status_code == 302
    assert last(acme)[:2] == ("user.sign_in_failed", ada.actor)
    assert last(acme)[2]["reason"] == "other_identity"
    call_command("user", "unlink", ADA)
    assert last(acme)[:2] == ("user.unlinked", ada.actor)
    assert sign_in(Browser("acme.localhost"), provider).status_code == 302
    provider.claims = CLAIMS
    assert sign_in(Browser("acme.localhost"), provider).status_code == 403


def test_the_same_subject_of_another_issuer_is_somebody_else(acme, provider, settings):
    ada, eve = member(acme, ADA), member(acme, "eve@example.com")
    sign_in(Browser("acme.localhost"), provider)
    with serving() as other:
        use(settings, other)
        other.claims = {**CLAIMS, "email": "eve@example.com"}
        browser = Browser("acme.localhost")
        assert sign_in(browser, other).status_code == 302
        assert "eve@example.com" in browser.get("/people/").content.decode()
        assert last(acme)[:2] == ("user.signed_in", eve.actor)
        other.claims = {**CLAIMS, "sub": "another"}
        assert sign_in(Browser("acme.localhost"), other).status_code == 403
        assert last(acme)[1:] == (ada.actor, {"reason": "other_identity", "address": "192.0.2.1"})
    use(settings, provider)
    assert sign_in(Browser("acme.localhost"), provider).status_code == 302
    assert last(acme)[:2] == ("user.signed_in", ada.actor)


def test_a_provider_that_tells_of_two_people_opens_nothing(acme, provider):
    member(acme, ADA)
    sign_in(Browser("acme.localhost"), provider)
    provider.user_info = {**CLAIMS, "sub": "provider-8"}
    provider.claims = CLAIMS
    assert sign_in(Browser("acme.localhost"), provider).status_code == 403
    provider.claims, provider.user_info = provider.user_info, CLAIMS
    assert sign_in(Browser("acme.localhost"), provider).status_code == 403


def test_identities_of_former_versions_become_those_of_the_issuer(acme, settings):
    ada = member(acme, ADA)
    migration = importlib.import_module("engage_server.access.migrations.0007_identities_by_issuer")
    with shared_scope():
        SocialAccount.objects.create(user=ada, provider="oidc", uid="7")
        for issuer, then in (("", "oidc"), ("https://id.test", "https://id.test")):
            settings.ENGAGE_OIDC_ISSUER = issuer
            migration.name_issuer(apps, None)
            assert SocialAccount.objects.get().provider == then


def test_what_the_provider_tells_beyond_that_is_not_kept(acme, provider):
    member(acme, ADA)
    for _ in range(2):
        sign_in(Browser("acme.localhost"), provider)
    with shared_scope():
        assert [found.extra_data for found in SocialAccount.objects.all()] == [{}]
        assert not SocialToken.objects.exists()


def test_a_stranger_is_turned_away_and_no_account_is_made(acme, provider, caplog):
    provider.claims = {**CLAIMS, "email": "stranger@example.com"}
    browser = Browser("acme.localhost")
    with caplog.at_level(logging.WARNING, logger="engage.access"):
        response = sign_in(browser, provider)
    assert response.status_code == 403
    assert "There is no account for you" in response.content.decode()
    assert browser.get("/people/").status_code == 302
    assert "not_invited" in caplog.text
    with shared_scope():
        assert not User.objects.exists()


@pytest.mark.parametrize("verified", [False, None, "false", "no", 0, 1])
def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(acme, provider, verified):
    ada = member(acme, ADA)
    provider.claims = {**CLAIMS, "email_verified": verified}
    assert sign_in(Browser("acme.localhost"), provider).status_code == 403
    assert last(acme)[:2] == ("user.sign_in_failed", ada.actor)
    assert last(acme)[2]["reason"] == "address_not_verified"


def test_a_provider_that_vouches_in_text_is_understood(acme, provider):
    member(acme, ADA)
    provider.claims = {**CLAIMS, "email_verified": "true"}
    assert sign_in(Browser("acme.localhost"), provider).status_code == 302


def test_a_locked_person_is_turned_away_before_and_after_they_were_tied(acme, provider):
    member(acme, ADA)

    def lock(active: bool) -> None:
        with shared_scope():
            User.objects.update(is_active=active)

    lock(False)
    assert sign_in(Browser("acme.localhost"), provider).status_code == 403
    lock(True)
    assert sign_in(Browser("acme.localhost"), provider).status_code == 302
    lock(False)
    browser = Browser("acme.localhost")
    assert sign_in(browser, provider).status_code == 403
    assert browser.get("/people/").status_code == 302


def test_a_callback_without_the_browsers_own_state_opens_nothing(acme, provider):
    member(acme, ADA)
    theirs = Browser("acme.localhost")
    leaving = theirs.submit("/people/sign-in", to="/people/oidc/login")
    code, state = provider.visited(leaving.headers["Location"])
    victim = Browser("acme.localhost")
    assert victim.client.get("/people/oidc/callback", {"code": code, "state": state}).status_code == 401
    assert victim.get("/people/").status_code == 302


def test_whoever_says_no_at_the_provider_is_back_at_the_page(acme, provider):
    browser = Browser("acme.localhost")
    leaving = browser.submit("/people/sign-in", to="/people/oidc/login")
    _, state = provider.visited(leaving.headers["Location"])
    back = browser.client.get("/people/oidc/callback", {"error": "access_denied", "state": state})
    assert back.headers["Location"] == "/people/sign-in"


def test_a_code_that_the_provider_does_not_know_is_logged_for_the_operator(acme, provider, caplog):
    browser = Browser("acme.localhost")
    leaving = browser.submit("/people/sign-in", to="/people/oidc/login")
    _, state = provider.visited(leaving.headers["Location"])
    with caplog.at_level(logging.WARNING, logger="engage.access"):
        response = browser.client.get("/people/oidc/callback", {"code": "forged", "state": state})
    assert response.status_code == 401
    assert "Signing in did not work" in response.content.decode()
    assert any(getattr(record, "action", "") == "openid_connect_failed" for record in caplog.records)


def test_leaving_for_the_provider_takes_a_button_of_ours(acme, provider):
    browser = Browser("acme.localhost")
    assert browser.get("/people/oidc/login").status_code == 200
    assert browser.post_form("/people/oidc/login").status_code == 403


def test_the_policy_lets_the_button_reach_the_provider_and_only_where_there_is_one(acme, provider, settings):
    def targets() -> str:
        policy = Browser("acme.localhost").get("/people/sign-in").headers["Content-Security-Policy"]
        return policy.partition("form-action ")[2]

    assert targets() == f"'self' https: {provider.issuer}"
    settings.ENGAGE_OIDC_ISSUER = ""
    assert targets() == "'self'"


@pytest.mark.parametrize("path", ["/people/oidc/login", "/people/other/login", "/people/oidc/callback"])
def test_without_a_provider_there_is_no_way_to_one(acme, path):
    assert Browser("acme.localhost").get(path).status_code == 404
