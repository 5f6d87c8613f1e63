"""The database goes away under a request, as it does when PostgreSQL restarts."""

import json
import time
from functools import partial

import pytest
from django.db import connection, connections
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.ingest import pipeline
from engage_server.ingest.group_commit import GroupCommit, TenantGroupCommits
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.backends import end_backend

BODY = json.dumps(
    {
        "batch": [
            {
                "type": "track",
                "messageId": "m",
                "userId": "u",
                "event": "E",
                "timestamp": "2026-03-01T00:00:00Z",
            }
        ]
    }
)


def send(key: str):
    headers = {"Authorization": f"Bearer {key}"}
    return Client().post("/v1/batch", BODY, content_type="application/json", headers=headers)


def test_a_lost_connection_is_a_503_and_the_retry_is_stored_once(
    committed_tenants: tuple[TenantRef, TenantRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, _ = committed_tenants
    key = create_key(tenant, ApiKey.Kind.INGEST)
    with shared_scope():
        connection.ensure_connection()
        end_backend()
    response = send(key)
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response["Retry-After"]) > 0
    connections.close_all()
    assert [send(key).json()["duplicates"] for _ in range(2)] == [0, 1]
    with tenant_scope(tenant):
        assert Event.objects.count() == 1


def test_a_connection_that_the_server_has_ended_is_found_out_without_a_question(
    committed_tenants: tuple[TenantRef, TenantRef],
) -> None:
    with shared_scope():
        connection.ensure_connection()
        assert connection.is_usable()
        end_backend()
    deadline = time.monotonic() + 10
    while connection.is_usable():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    connections.close_all()
    with shared_scope():
        connection.ensure_connection()
        assert connection.is_usable()


def test_more_than_can_be_written_is_a_503_that_says_when_to_come_back(
    committed_tenants: tuple[TenantRef, TenantRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, _ = committed_tenants
    key = create_key(tenant, ApiKey.Kind.INGEST)
    with monkeypatch.context() as patch:
        patch.setattr(
            pipeline, "_commits", TenantGroupCommits(partial(GroupCommit, writers=0, patience_s=0.01))
        )
        response = send(key)
    assert (response.status_code, response.json()["code"]) == (503, "busy")
    assert int(response["Retry-After"]) > 0
    assert send(key).json()["accepted"] == 1
    with tenant_scope(tenant):
        assert Event.objects.count() == 1
