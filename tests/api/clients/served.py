"""A live server with two tenants whose accounts have scores, and how public clients are run against it."""

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from engage_server.access.models import ApiKey
from engage_server.customers.models import Account
from engage_server.operations.goals import create_goal
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.metrics.values import DAY, store

PATIENCE_S = 180


@dataclass(frozen=True)
class Served:
    """Where one tenant is asked, and by which key."""

    tenant: TenantRef
    url: str
    key: str

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """What typed clients tell of the tenant's first four accounts."""
        return [
            {
                "externalId": f"{self.tenant.slug} {n}",
                "stage": "CUSTOMER",
                "value": 10.0 * n if n else None,
                "promoters": n if n else None,
                "year": str(DAY.year) if n else None,
            }
            for n in range(4)
        ]


def serve(tenant: TenantRef, live_server: LiveServer) -> Served:
    """Five accounts, of which the first has no score, and a goal."""
    with tenant_scope(tenant):
        create_goal(
            f"Goal of {tenant.slug}", {"metric": "nps.score", "target": 40, "due": date(2099, 12, 31)}
        )
        for n in range(5):
            name = f"{tenant.slug} {n}"
            row = Account.objects.create(external_id=name, name=name.title(), stage=Account.Stage.CUSTOMER)
            if n:
                store("nps.score", 10.0 * n, kind="account", subject=row.pk, details={"promoters": n})
    return Served(tenant, f"{live_server.url}/graphql", create_key(tenant, ApiKey.Kind.ADMIN))


def run(*command: str | Path, cwd: Path) -> str:
    """What the command prints; it may not fail."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def run_json(*command: str | Path, cwd: Path) -> Any:
    """The JSON that the command prints."""
    return json.loads(run(*command, cwd=cwd))


def require_installed(place: Path, *, by: str) -> None:
    """Skip where the clients are not installed; fail there in CI."""
    if not place.exists():
        missing = f"The GraphQL clients are not installed. Remedy: make {by}."
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
