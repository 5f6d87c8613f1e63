"""What the operator does with keys and limits at the command line."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from engage_server.access.account_tokens import verify_token
from engage_server.access.keys import list_keys, verify_key
from engage_server.access.limits import limits_of
from engage_server.access.models import ApiKey
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import shared_scope, tenant_scope

QUERY = ApiKey.Kind.QUERY


def run(*arguments: str) -> tuple[str, str]:
    """What the command said on either channel."""
    out, err = StringIO(), StringIO()
    call_command(*arguments, "--tenant", "acme", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_key_is_made_with_its_rights_name_and_end(acme):
    said, _ = run(
        "key", "create", "query", "--name", "BI", "--permission", "metrics:read", "--expires", "90d"
    )
    row = list_keys(acme)[-1]
    assert verify_key(said.strip(), QUERY).permissions == {"metrics:read"}
    assert row.name == "BI"
    assert timedelta(days=89) < row.expires_at - timezone.now() <= timedelta(days=90)


@pytest.mark.parametrize("expires", ["soon", "1000d", "0d", "5y"])
def test_an_end_that_cannot_be_is_refused(acme, expires):
    with pytest.raises(CommandError, match="Remedy"):
        run("key", "create", "query", "--expires", expires)


def test_the_list_shows_prefix_and_last_four_and_no_secret(acme, globex):
    text = create_key(acme, QUERY)
    theirs = create_key(globex, QUERY)
    said, warned = run("key", "list")
    public_id = text.split("_")[3]
    (line,) = [line for line in said.splitlines() if public_id in line]
    assert line.startswith(f"eng_live_qry_{public_id}_…{text[-4:]}  active  until 20")
    assert "metrics:read,personal:read" in line
    assert text.split("_")[4] not in said
    assert theirs.split("_")[3] not in said
    assert warned == ""


def test_the_list_warns_of_keys_that_nobody_has_used_for_90_days(acme):
    text = create_key(acme, QUERY)
    public_id = text.split("_")[3]
    with shared_scope():
        ApiKey.objects.filter(public_id=public_id).update(created_at=timezone.now() - timedelta(days=91))
    assert f"{public_id} has not been used for 90 days" in run("key", "list")[1]
    verify_key(text, QUERY)
    assert run("key", "list")[1] == ""


def test_a_key_is_rotated_with_an_overlap_and_revoked(acme):
    old = create_key(acme, QUERY)
    new = run("key", "rotate", old.split("_")[3], "--overlap", "2h")[0].strip()
    assert verify_key(old, QUERY).tenant == verify_key(new, QUERY).tenant
    run("key", "revoke", old.split("_")[3])
    said, _ = run("key", "list")
    assert re.search(rf"{old.split('_')[3]}_\S+  revoked", said)
    with pytest.raises(CommandError, match="no active key"):
        run("key", "revoke", old.split("_")[3])


def test_limits_are_shown_and_set_for_the_tenant_and_its_keys(acme, globex):
    public_id = create_key(acme, QUERY).split("_")[3]
    assert re.search(r"events_per_second +none \(default\)", run("limit", "show")[0])
    run("limit", "set", "events_per_second", "500")
    said, _ = run("limit", "set", "query_points", "50", "--key", public_id)
    assert re.search(r"tenant +events_per_second +500\n", said)
    assert re.search(rf"key:{public_id} +query_points +50\n", said)
    assert limits_of(globex) == {"tenant": {}}
    assert "(default)" in run("limit", "set", "events_per_second", "default")[0]


@pytest.mark.parametrize("arguments", [("many",), ("-1",), ("1", "--key", "nobody")])
def test_a_limit_that_cannot_be_is_refused(acme, arguments):
    with pytest.raises(CommandError):
        run("limit", "set", "events_per_second", *arguments)


def test_another_tenants_key_gets_no_limit_here(acme, globex):
    theirs = create_key(globex, QUERY).split("_")[3]
    with pytest.raises(CommandError, match="no key"):
        run("limit", "set", "query_points", "50", "--key", theirs)


def test_revoking_a_key_names_those_that_it_made(acme):
    maker = make_key(acme, KeyRequest(ApiKey.Kind.ADMIN)).row.public_id
    made = make_key(acme, KeyRequest(QUERY), maker=maker).row.public_id
    said, _ = run("key", "revoke", maker)
    assert said == f"Revoked {maker}.\nRevoked {made}, which it made.\n"


def test_a_token_is_issued_for_an_account_by_the_name_that_the_tenant_knows_it_by(acme, globex):
    for tenant in (globex, acme):  # so that the numbers differ
        with tenant_scope(tenant):
            for name in ("other", "initech") if tenant is acme else ("theirs",):
                account = Account.objects.create(external_id=name)
    issuer = create_key(acme, QUERY).split("_")[3]
    said, told = run("token", "issue", "initech", "--key", issuer, "--expires", "10m")
    principal = verify_token(said.strip()).principal
    assert (principal.tenant, principal.account_id) == (acme, account.pk)
    assert f"or with the key {issuer}" in told


@pytest.mark.parametrize(
    ("account", "expires", "refused"),
    [("theirs", "1h", "no account"), ("initech", "25h", "86400"), ("initech", "1h", "no key 'nobody'")],
)
def test_a_token_that_cannot_be_is_refused(acme, globex, account, expires, refused):
    for tenant, name in ((acme, "initech"), (globex, "theirs")):
        with tenant_scope(tenant):
            Account.objects.create(external_id=name)
    key = "nobody" if "nobody" in refused else create_key(acme, QUERY).split("_")[3]
    with pytest.raises(CommandError, match=refused):
        run("token", "issue", account, "--key", key, "--expires", expires)


def test_a_token_is_not_issued_with_another_tenants_key(acme, globex):
    with tenant_scope(acme):
        Account.objects.create(external_id="initech")
    with pytest.raises(CommandError, match="no key"):
        run("token", "issue", "initech", "--key", create_key(globex, QUERY).split("_")[3])
