"""The SDL by a request: each tenant its own, for who may introspect, paid for, and once."""

from datetime import timedelta

import pytest
from django.test import Client
from graphql import build_schema

from engage_server.access.models import ApiKey
from engage_server.api.composition import schema_for
from engage_server.customers.models import Account
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import create_key
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller


def fetch(caller: Caller, key: str | None = None, *, method: str = "get", **headers: str):
    asked = {"host": f"{caller.host}:8000", "authorization": f"Bearer {key or caller.key}", **headers}
    return getattr(Client(), method)("/graphql/schema", headers=asked)


def test_each_tenant_reads_the_schema_of_its_own_plugins(at_acme, at_globex):
    ours, theirs = fetch(at_acme), fetch(at_globex)
    assert (ours.status_code, theirs.status_code) == (200, 200)
    assert ours.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert ours.content.decode() == schema_for(frozenset({"mood"})).as_str()
    assert "MoodScore" in build_schema(ours.content.decode()).type_map
    assert "MoodScore" not in theirs.content.decode()


def test_who_has_it_already_is_told_so(at_acme, at_globex):
    tag = fetch(at_acme).headers["ETag"]
    again = fetch(at_acme, if_none_match=f'"other", W/{tag}')
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert fetch(at_globex, if_none_match=tag).status_code == 200


def test_it_is_shown_to_who_may_introspect(at_acme, settings):
    with tenant_scope(at_acme.tenant):
        account = Account.objects.create(external_id="mine").pk
    public_id = at_acme.key.split("_")[3]
    token = issue_token(at_acme.tenant, public_id, account_id=account, lifetime=timedelta(hours=1)).text
    assert fetch(at_acme, token).status_code == 403
    settings.ENGAGE_INTROSPECTION = False
    assert fetch(at_acme).json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert fetch(at_acme, create_key(at_acme.tenant, ApiKey.Kind.ADMIN)).status_code == 200
    assert fetch(at_acme, "nonsense").status_code == 401


def test_it_is_paid_for_as_introspection_is(at_acme):
    set_limit(at_acme.tenant, "query_points", 150)
    set_limit(at_acme.tenant, "query_points_per_second", 1)
    assert fetch(at_acme).status_code == 200
    refused = fetch(at_acme)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) in range(40, 52)


@pytest.mark.parametrize("method", ["post", "delete"])
def test_it_is_read_alone(at_acme, method):
    refused = fetch(at_acme, method=method)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET")
