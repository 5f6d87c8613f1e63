"""Creation and deletion of tenants killed at twenty points each: whole or nothing, once the janitor was there."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection

from engage_server.access.models import ApiKey
from engage_server.operations.tenants import onboard
from engage_server.tenancy import catalogue, janitor, services, templates
from engage_server.tenancy.models import SpareSchema, Tenant
from engage_server.tenancy.removal import remove_tenant
from engage_server.tenancy.scope import shared_scope
from tests.backends import end_backend
from tests.end_to_end.processes import ROOT, environment

POINTS = 20
CUTS = 6


@pytest.fixture(autouse=True)
def no_tenant_left(transactional_db: None) -> Iterator[None]:
    yield
    for tenant in services.list_tenants():
        services.delete_tenant(tenant.slug)


@contextmanager
def before_each_statement(act: Callable[[int], None]) -> Iterator[list[int]]:
    """Calls ``act`` with the number of each statement about to be sent, from 1; yields those numbers."""
    numbers: list[int] = []

    def wrap(execute: Callable[..., Any], *arguments: Any) -> Any:
        numbers.append(len(numbers) + 1)
        act(numbers[-1])
        return execute(*arguments)

    with connection.execute_wrapper(wrap):
        yield numbers


def new_tenant(slug: str) -> None:
    onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="UTC")


def statements_of_creation() -> int:
    new_tenant("first")  # captures the template, which later ones find
    with before_each_statement(lambda number: None) as numbers:
        new_tenant("counted")
    return len(numbers)


def statements_of_deletion(directory: Path) -> int:
    with before_each_statement(lambda number: None) as numbers:
        remove_tenant("counted", export_dir=directory)
    return len(numbers)


def spread(total: int, points: int = POINTS) -> list[int]:
    """So many different numbers from the first statement to the last."""
    return sorted({1 + round(step * (total - 1) / (points - 1)) for step in range(points)})


def run_victims(action: str, directory: Path, points: dict[str, int]) -> dict[str, int]:
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.end_to_end.lifecycle_victim", action, str(directory),
            *(f"{slug}:{point}" for slug, point in points.items()),
        ],
        cwd=ROOT, env=environment(), check=True, capture_output=True, text=True,
    )  # fmt: skip
    wait_until_alone()
    return {slug: int(status) for slug, status in (line.split() for line in done.stdout.splitlines())}


def wait_until_alone(seconds: float = 20) -> None:
    """Until PostgreSQL has noticed that the killed processes are gone."""
    deadline = time.monotonic() + seconds
    with shared_scope(), connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
            assert time.monotonic() < deadline
            time.sleep(0.02)


def assert_whole_or_nothing(directory: Path) -> None:
    """After the janitor: no schema or role without a tenant, and each tenant as it should be."""
    list(janitor.fix(directory))
    assert janitor.look(directory) == []
    tenants = services.list_tenants()
    with shared_scope(), connection.cursor() as cursor:
        named = {tenant.schema_name for tenant in tenants} | set(
            SpareSchema.objects.values_list("schema_name", flat=True)
        )
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")
        assert {name for (name,) in cursor.fetchall()} == named
        # Roles belong to the server: those of its other databases are not this test's.
        cursor.execute(
            "SELECT rolname FROM pg_roles r WHERE rolname LIKE 't\\_%' AND NOT EXISTS (SELECT 1 FROM pg_shdepend d"
            " WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.dbid NOT IN"
            " (0, (SELECT oid FROM pg_database WHERE datname = current_database())))"
        )
        assert {name for (name,) in cursor.fetchall()} == named
    expected = templates.template_catalogue()
    for tenant in tenants:
        assert tenant.status == Tenant.Status.ACTIVE
        assert not catalogue.compare(tenant.ref, expected)
        with shared_scope():
            assert ApiKey.objects.filter(tenant_id=tenant.pk).count() == 3


def test_a_creation_whose_process_is_killed_leaves_nothing(tmp_path):
    total = statements_of_creation()
    points = {f"killed-{number}": number for number in spread(total)}
    assert len(points) == POINTS
    ends = run_victims("create", tmp_path, {**points, "survivor": total + 1})
    assert ends == {**dict.fromkeys(points, -signal.SIGKILL), "survivor": 0}
    assert_whole_or_nothing(tmp_path)
    assert [tenant.slug for tenant in services.list_tenants()] == ["counted", "first", "survivor"]


def test_a_deletion_whose_process_is_killed_is_ended_by_the_janitor_or_was_not_begun(tmp_path):
    statements_of_creation()
    total = statements_of_deletion(tmp_path)
    points = {f"killed-{number}": number for number in spread(total)}
    for slug in points:
        new_tenant(slug)
    ends = run_victims("delete", tmp_path, points)
    assert set(ends.values()) == {-signal.SIGKILL}
    present = {tenant.slug: tenant.status for tenant in services.list_tenants()}
    begun = {slug for slug, status in present.items() if status == Tenant.Status.DELETING}
    assert begun, "no kill fell into a deletion"
    assert_whole_or_nothing(tmp_path)
    left = {tenant.slug for tenant in services.list_tenants()}
    assert left == present.keys() - begun
    for slug in points.keys() - left:
        assert list(tmp_path.glob(f"{slug}-*/manifest.json"))
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("action", ["create", "delete"])
def test_a_lost_connection_at_any_statement_leaves_whole_or_nothing(tmp_path, action):
    total = statements_of_creation()
    if action == "delete":
        total = statements_of_deletion(tmp_path)
    broken = 0
    for point in spread(total, CUTS):
        slug = f"lost-{point}"
        if action == "delete":
            new_tenant(slug)

        def cut(number: int, point: int = point) -> None:
            if number == point:
                end_backend()

        try:
            with before_each_statement(cut):
                new_tenant(slug) if action == "create" else remove_tenant(slug, export_dir=tmp_path)
        except (OperationalError, InterfaceError):
            broken += 1
        connection.close()
    assert broken == CUTS
    wait_until_alone()
    assert_whole_or_nothing(tmp_path)
