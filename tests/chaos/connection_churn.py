"""Threads used again by failing jobs, and checkouts whose SET fails: no foreign read, no query in the wrong place.

``python -m tests.chaos.connection_churn`` runs 10,000 jobs over 100 tenants and 1,000 checkouts on a database of its own;
the suite runs the same functions on less.
"""

import importlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection
from django.db.utils import DatabaseError
from rich.console import Console

from tests.bench.harness import own_database

THREADS: Final = 4
TENANTS: Final = 100
JOBS: Final = 10_000
CHECKOUTS: Final = 1_000
# As APPLY, but the server refuses it after it has taken the role and the path.
REFUSED: Final = (
    "SELECT set_config('role', %s, false), set_config('search_path', %s, false),"
    " set_config('statement_timeout', %s, false), 1 / (random() * 0)::int"
)


def fill(tenants: Sequence[Any]) -> None:
    """One account in each tenant, with the tenant's name."""
    from engage_server.customers.models import Account
    from engage_server.tenancy.scope import tenant_scope

    for tenant in tenants:
        with tenant_scope(tenant):
            Account.objects.create(external_id="same", name=tenant.slug)


def run_jobs(tenants: Sequence[Any], *, jobs: int) -> int:
    """Jobs of the tenants in turn on a few threads, every tenth raising in the middle; returns how many ended well.

    Raises:
        AssertionError: a job read another tenant's row, or code after a job still had a tenant.
    """
    from engage_server.customers.models import Account
    from engage_server.tenancy.exceptions import NoTenantError
    from engage_server.tenancy.scope import tenant_scope

    fill(tenants)

    def names() -> list[str]:
        return list(Account.objects.values_list("name", flat=True))

    def job(number: int) -> bool:
        tenant = tenants[number % len(tenants)]
        try:
            with tenant_scope(tenant):
                assert names() == [tenant.slug], "a job read another tenant's row"
                if number % 10 == 0:
                    raise RuntimeError("A job fails in the middle.")
        except RuntimeError:
            return False
        finally:
            try:
                names()
            except NoTenantError:
                pass
            else:
                raise AssertionError("code after a job still had a tenant")
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        ended_well = sum(pool.map(job, range(jobs)))
        barrier = threading.Barrier(THREADS)
        list(pool.map(lambda _: (barrier.wait(), connection.close()), range(THREADS)))
    return ended_well


def use_failing_checkouts(tenants: Sequence[Any], *, checkouts: int) -> int:
    """Insert under a scope whose SET the server refuses, again and again; returns how often that raised.

    Raises:
        AssertionError: a connection was kept, or a row was written somewhere.
    """
    from engage_server.customers.models import Account
    from engage_server.tenancy.scope import tenant_scope

    refused = 0
    for number in range(checkouts):
        with tenant_scope(tenants[number % len(tenants)]), _refused():
            try:
                Account.objects.create(external_id=f"never-{number}")
            except DatabaseError:
                refused += 1
            assert connection.connection is None, "a connection in an unknown state was kept"
    for tenant in tenants:
        with tenant_scope(tenant):
            assert not Account.objects.filter(external_id__startswith="never-").exists(), "a query ran"
    return refused


@contextmanager
def _refused() -> Iterator[None]:
    base = importlib.import_module("engage_server.tenancy.postgresql.base")
    good, base.APPLY = base.APPLY, REFUSED
    try:
        yield
    finally:
        base.APPLY = good


def main() -> None:
    """Both, at full size."""
    with own_database():
        from engage_server.tenancy.services import create_tenant

        tenants = [
            create_tenant(slug=f"crowd-{n}", name="Crowd", domain=f"crowd-{n}.localhost", timezone="UTC")
            for n in range(TENANTS)
        ]
        ended_well = run_jobs(tenants, jobs=JOBS)
        refused = use_failing_checkouts(tenants, checkouts=CHECKOUTS)
        Console().print(
            f"{JOBS:,} jobs of {TENANTS} tenants on {THREADS} threads, {JOBS - ended_well:,} of them raising: no "
            f"foreign read. {refused:,} of {CHECKOUTS:,} checkouts with a failing SET raised; no query ran."
        )
        if refused != CHECKOUTS:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
