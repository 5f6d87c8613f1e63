"""What the operator does with keys and limits at the command line."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from engage_server.access.keys import create_key, list_keys, verify_key
from engage_server.access.limits import limits_of
from engage_server.access.models import ApiKey
from engage_server.tenancy.scope import shared_scope

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
