"""A token opens one account of one tenant, for a while, and ends with the key that issued it."""

from datetime import timedelta

import pytest

from engage_server.access import account_tokens
from engage_server.access.account_tokens import verify_token
from engage_server.access.authentication import authenticate_reader
from engage_server.access.exceptions import (
    ForeignHostError,
    InvalidKeyError,
)
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import create_key, revoke_key

HOUR = timedelta(hours=1)


@pytest.fixture
def issuer(acme) -> str:
    """Public id of a key of acme's that may manage keys."""
    return create_key(acme, ApiKey.Kind.ADMIN).split("_")[3]


def issue(acme, issuer, account_id: int = 7) -> str:
    return issue_token(acme, issuer, account_id=account_id, lifetime=HOUR).text


def test_a_token_reads_the_metrics_of_one_account_and_nothing_else(acme, issuer):
    principal = verify_token(issue(acme, issuer), host="acme.localhost").principal
    assert (principal.tenant, principal.account_id) == (acme, 7)
    assert principal.permissions == {Permission.METRICS_READ}
    assert principal.actor == f"token:{issuer}:7"


def test_whoever_changes_a_token_makes_it_worthless(acme, issuer):
    text = issue(acme, issuer)
    parts = text.split("_")
    changed = [
        "_".join([*parts[:3], "8", *parts[4:]]),
        "_".join([*parts[:4], "zzzzzz", parts[5]]),
        "_".join([*parts[:5], "0" * 43]),
        text[:-1],
        text + "0",
        "_".join(parts[:5]),
        "eng_acct_",
        "_".join([*parts[:3], "-7", *parts[4:]]),
        "_".join([*parts[:3], "9" * 99, *parts[4:]]),
        "_".join([*parts[:5], "\ud800"]),
    ]
    for forged in changed:
        with pytest.raises(InvalidKeyError):
            verify_token(forged)


def test_a_token_signed_with_another_key_or_secret_is_refused(acme, globex, issuer, settings):
    text = issue(acme, issuer)
    theirs = create_key(globex, ApiKey.Kind.ADMIN).split("_")[3]
    with pytest.raises(InvalidKeyError):
        verify_token(text.replace(issuer, theirs))
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    with pytest.raises(InvalidKeyError):
        verify_token(text)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert verify_token(text).principal.account_id == 7


def test_a_token_ends_in_time_also_where_it_was_just_recognised(acme, issuer, monkeypatch):
    text = issue(acme, issuer)
    assert authenticate_reader(text).account_id == 7
    now = account_tokens.time.time()
    monkeypatch.setattr(account_tokens.time, "time", lambda: now + 3_601)
    for ask in (verify_token, authenticate_reader):
        with pytest.raises(InvalidKeyError):
            ask(text)


def test_a_token_ends_with_its_key(acme, issuer):
    text = issue(acme, issuer)
    authenticate_reader(text)
    revoke_key(acme, issuer)
    with pytest.raises(InvalidKeyError):
        authenticate_reader(text)


def test_a_token_opens_at_its_own_tenants_host(acme, globex, issuer):
    with pytest.raises(ForeignHostError):
        verify_token(issue(acme, issuer), host="globex.localhost")
