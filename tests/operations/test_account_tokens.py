"""Tokens are issued for one account, by a key of the tenant that reads, for a day at most, on record."""

from datetime import timedelta

import pytest

from engage_server.access.exceptions import KeyRequestError, UnknownKeyError
from engage_server.access.models import ApiKey
from engage_server.audit.log import newest
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import create_key
from engage_server.telemetry.logs import mask
from engage_server.tenancy.scope import tenant_scope

HOUR = timedelta(hours=1)


@pytest.fixture
def issuer(acme) -> str:
    """Public id of a key of acme's that may manage keys."""
    return create_key(acme, ApiKey.Kind.ADMIN).split("_")[3]


@pytest.mark.parametrize("lifetime", [timedelta(0), -HOUR, timedelta(hours=24, seconds=1)])
def test_a_token_lives_a_day_at_most(acme, issuer, lifetime):
    with pytest.raises(KeyRequestError, match="86400 seconds"):
        issue_token(acme, issuer, account_id=7, lifetime=lifetime)


def test_only_a_key_of_the_tenant_that_reads_can_issue(acme, globex, issuer):
    for tenant, public_id in (
        (globex, issuer),
        (acme, "nobody"),
        (acme, create_key(acme, ApiKey.Kind.INGEST).split("_")[3]),
    ):
        with pytest.raises(UnknownKeyError):
            issue_token(tenant, public_id, account_id=7, lifetime=HOUR)


def test_issuing_stands_in_the_audit_log_and_the_token_in_no_log(acme, issuer):
    text = issue_token(acme, issuer, account_id=7, lifetime=HOUR).text
    with tenant_scope(acme):
        entry = newest(1)[0]
    assert (entry.action, entry.subject) == ("token.issued", "account:7")
    assert text not in str(entry.details)
    assert mask(f"sent {text}.") == "sent eng_acct_***."
