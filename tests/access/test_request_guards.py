"""A key that is not good for what is asked opens neither the API nor tracking, whatever else the request claims."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.activity.models import Event
from engage_server.operations.keys import KeyRequest, create_key, make_key, revoke_key
from engage_server.tenancy.scope import shared_scope, tenant_scope

EVENT = {"batch": [{"type": "track", "event": "E", "userId": "u", "messageId": "m"}]}
ASK = {"query": "{ tenant { slug } }"}


@pytest.fixture
def keys(acme, globex) -> dict[str, dict[str, str]]:
    """Keys of acme's by what is wrong with them, for tracking and for asking."""
    made: dict[str, dict[str, str]] = {}
    for path, kind in (("/v1/batch", ApiKey.Kind.INGEST), ("/graphql", ApiKey.Kind.QUERY)):
        good, expired, revoked = (create_key(acme, kind) for _ in range(3))
        with shared_scope():
            ApiKey.objects.filter(public_id=expired.split("_")[3]).update(
                expires_at=timezone.now() - timedelta(seconds=1)
            )
        revoke_key(acme, revoked.split("_")[3])
        other = ApiKey.Kind.QUERY if kind == ApiKey.Kind.INGEST else ApiKey.Kind.INGEST
        made[path] = {
            "good": good,
            "expired": expired,
            "revoked": revoked,
            "truncated": good[:-1],
            "half": good[: len(good) // 2],
            "of another environment": good.replace("live", "test"),
            "with another tenant's public id": good.replace(
                good.split("_")[3], create_key(globex, kind).split("_")[3]
            ),
            "for something else": create_key(acme, other),
            "doubled": f"{good} {good}",
            "missing": "",
        }
    return made


def send(path: str, key: str, **headers: str):
    headers = {"Host": "acme.localhost", "Authorization": f"Bearer {key}", **headers}
    body = ASK if path == "/graphql" else EVENT
    return Client().post(path, json.dumps(body), content_type="application/json", headers=headers)


def is_acmes(response) -> bool:
    if response.status_code != 200:
        return False
    return response.json().get("data", {"tenant": {"slug": "acme"}}) == {"tenant": {"slug": "acme"}}


@pytest.mark.parametrize("path", ["/graphql", "/v1/batch"])
def test_only_a_good_key_opens(keys, acme, globex, path):
    for name, key in keys[path].items():
        response = send(path, key)
        if name == "good":
            assert is_acmes(response)
        else:
            assert response.status_code in {401, 403}, name
            assert b'"data"' not in response.content
    for tenant, events in ((acme, 1 if path == "/v1/batch" else 0), (globex, 0)):
        with tenant_scope(tenant):
            assert Event.objects.count() == events


@pytest.mark.parametrize("path", ["/graphql", "/v1/batch"])
@pytest.mark.parametrize(
    ("headers", "opens"),
    [
        ({"Host": "globex.localhost"}, False),
        ({"Host": "nobody.example"}, False),
        ({"Host": "globex.localhost", "X-Forwarded-Host": "acme.localhost"}, False),
        ({"Host": "globex.localhost", "X-Tenant": "acme"}, False),
        ({"Host": "globex.localhost", "Forwarded": "host=acme.localhost"}, False),
        ({"X-Forwarded-Host": "globex.localhost"}, True),
        ({"X-Tenant": "globex", "X-Tenant-Id": "2", "X-Original-Host": "globex.localhost"}, True),
        ({"Host": "localhost:8000", "X-Tenant": "globex"}, True),
        ({"Host": "ACME.localhost:8000"}, True),
    ],
)
def test_the_tenant_is_the_keys_and_no_header_makes_it_another(keys, globex, path, headers, opens):
    response = send(path, keys[path]["good"], **headers)
    assert is_acmes(response) == opens
    assert opens or response.status_code in {401, 403}
    with tenant_scope(globex):
        assert not Event.objects.exists()


def test_a_key_whose_rights_were_narrowed_reads_no_more_than_them(acme):
    permissions = frozenset({Permission.AUDIT_READ})
    key = make_key(acme, KeyRequest(ApiKey.Kind.QUERY, permissions=permissions)).text
    (error,) = send("/graphql", key).json()["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "metrics:read" in error["message"]
