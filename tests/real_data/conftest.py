"""Three tenants filled with real data by the import command; skipped, saying why, where the data is absent."""

import json
import os
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.management import CommandError, call_command

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.engine.compute import compute_day
from engage_server.metrics.writer import NewValue
from engage_server.operations.tenants import onboard
from engage_server.plugin_host import activation
from engage_server.sdk import InputSpec
from engage_server.tenancy import services
from engage_server.tenancy.scope import TenantRef, tenant_scope

DATA = Path(os.environ.get("ENGAGE_REFERENCE_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))

NOT_ALL_TAKEN = 3  # the status of an import that rejected rows


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    if not (DATA / "expected.json").exists():
        pytest.skip("the reference data (shared/data beside the project) is absent on this machine")
    return json.loads((DATA / "expected.json").read_text())


@pytest.fixture(scope="module")
def new_tenant(
    expected: dict[str, Any], django_db_setup: None, django_db_blocker: Any
) -> Iterator[Callable[[str, str], TenantRef]]:
    """Makes tenants that last for the module."""
    made: list[str] = []

    def make(slug: str, timezone: str) -> TenantRef:
        made.append(slug)
        return onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone=timezone).tenant

    with django_db_blocker.unblock():
        yield make
        for slug in made:
            services.delete_tenant(slug)


def import_file(
    tenant: TenantRef, kind: str, path: Path, mapping: str, *, rejects: Path, **options: Any
) -> dict[str, Any]:
    """What the import command prints with --json."""
    out = StringIO()
    try:
        call_command(
            "import",
            kind,
            path,
            tenant=tenant.slug,
            map=[mapping],
            rejects=rejects,
            json=True,
            stdout=out,
            **options,
        )
    except CommandError as error:
        if error.returncode != NOT_ALL_TAKEN:
            raise
    # Here, where it is committed: a test's own transaction would have to do it again each time.
    call_command("compact", tenant=tenant.slug, stdout=StringIO())
    return json.loads(out.getvalue())


def resolve(tenant: TenantRef, spec: InputSpec, day: Any) -> pl.DataFrame:
    """An input as a plugin would get it."""
    with tenant_scope(tenant), current_rollups():
        return RESOLVERS[type(spec)](spec, day_window(day, tenant.timezone))


def compute(tenant: TenantRef, plugin: str, day: Any, **config: Any) -> tuple[NewValue, ...]:
    """The values of a plugin's day under a configuration; of one that new tenants do not have, too."""
    with tenant_scope(tenant):
        activation.enable(plugin, config)
        active = activation.active_plugin(plugin)
        with current_rollups():
            return compute_day(active, day_window(day, tenant.timezone), run_id=0).values
