"""Public GraphQL clients for Node and the audits of GraphQL over HTTP against a live server: `make node-clients`."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from engage_server.access.models import ApiKey
from engage_server.customers.models import Account
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, tenant_scope

FOLDER = Path(__file__).parent / "node"
NODE = shutil.which("node")
AUDITS = 61
REPORT = Path(__file__).parents[2] / "docs" / "graphql-over-http.md"


def run(script: str, *arguments: str) -> Any:
    """What the script prints; skipped where the clients are not installed, failed there in CI."""
    if NODE is None or not (FOLDER / "node_modules" / "graphql-http").is_dir():
        missing = "The GraphQL clients for Node are not installed: make node-clients"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    done = subprocess.run(
        [NODE, script, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def address(live_server: LiveServer) -> str:
    return f"{live_server.url}/graphql"


def test_every_audit_of_graphql_over_http_is_passed(
    committed_tenants: tuple[TenantRef, TenantRef], live_server: LiveServer
) -> None:
    audits = run("audits.mjs", address(live_server), create_key(committed_tenants[0], ApiKey.Kind.QUERY))
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == AUDITS
    reported = re.findall(r"^\| `(\w+)` \| (.+) \|$", REPORT.read_text(), re.MULTILINE)
    assert reported == [(audit["id"], audit["name"]) for audit in audits]


@pytest.mark.parametrize("client", ["urql", "graphql-request", "graphql-request by GET"])
def test_a_client_with_its_defaults_reads_its_own_tenant(
    committed_tenants: tuple[TenantRef, TenantRef], live_server: LiveServer, client: str
) -> None:
    for tenant in committed_tenants:
        with tenant_scope(tenant):
            Account.objects.create(external_id=f"of {tenant.slug}")
    for tenant in committed_tenants:
        key = create_key(tenant, ApiKey.Kind.QUERY)
        assert run("ask.mjs", client, address(live_server), key) == {
            "tenant": {"name": tenant.slug},
            "accounts": {"edges": [{"node": {"externalId": f"of {tenant.slug}"}}]},
        }
