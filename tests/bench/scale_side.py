"""What an installation of COUNT tenants costs, in a process of its own: ``-m tests.bench.scale_side COUNT``; JSON on stdout.

The tenants stay, in the database that ``tests.bench.tenants`` migrates afterwards.
"""

import json
import sys
from statistics import median
from typing import Any, Final

import django

django.setup()

import psutil  # noqa: E402  # after the set-up
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from engage_server.activity.rollups.tenant_scan import TenantScan  # noqa: E402
from engage_server.engine import dispatcher  # noqa: E402
from engage_server.tenancy.postgresql.base import SCHEMAS_A_CONNECTION  # noqa: E402
from engage_server.tenancy.scope import shared_scope, tenant_scope  # noqa: E402
from engage_server.tenancy.services import list_tenants  # noqa: E402
from tests.bench.tenants_side import database_bytes, new_tenant, seconds  # noqa: E402

CATALOGUE: Final = """
    SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
    WHERE relnamespace IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace) AND relkind = 'r'
"""
CONTEXTS: Final = "SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts"
# Tables that one request of a tenant touches: an event that is stored, and a value that is read.
TOUCHED: Final = (
    "activity_event", "activity_eventdelta", "customers_person", "customers_account", "customers_personalias",
    "metrics_metricvalue", "metrics_measuredvalue", "metrics_computation",
)  # fmt: skip
SAMPLE: Final = 10


def asked(question: str) -> Any:
    """The one value that the question has, of the shared tables."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def measured(count: int) -> dict[str, float]:
    """The first and the last tenants' making, what they take on disk, and what ticks cost when nothing is to do."""
    call_command("migrate", verbosity=0)
    new_tenant(0)
    before, catalogue = database_bytes(), asked(CATALOGUE)
    times: list[float] = []
    early = ticks()
    for number in range(1, count):
        times.append(seconds(lambda n=number: new_tenant(n)))
        if number == count // 3:
            early = ticks()
    made = count - 1
    call_command("migrate", verbosity=0)
    return {
        "onboard_first_s": median(times[:SAMPLE]),
        "onboard_last_s": median(times[-SAMPLE:]),
        "tenant_bytes": (database_bytes() - before) / made,
        "catalogue_bytes": (asked(CATALOGUE) - catalogue) / made,
        "noop_s": seconds(lambda: call_command("migrate", verbosity=0)),
        **(late := ticks()),
        **{f"{name}_each": max(0.0, (late[name] - early[name]) / (made - count // 3)) for name in late},
        **connection_bytes(),
    }


def ticks() -> dict[str, float]:
    """Of the dispatcher and of the compactor, each the median of some rounds with nothing to do."""
    dispatcher.tick()
    scan = TenantScan()
    scan.tenants()
    return {
        "tick_s": median(seconds(dispatcher.tick) for _ in range(SAMPLE)),
        "scan_s": median(seconds(scan.tenants) for _ in range(SAMPLE)),
    }


def connection_bytes() -> dict[str, float]:
    """Memory of a new connection's server process that no other one shares, and what each tenant that it serves adds."""
    tenants = [tenant.ref for tenant in list_tenants()][: SCHEMAS_A_CONNECTION - 1]
    connection.close()
    server = asked("SELECT pg_backend_pid()")
    process, empty = psutil.Process(server).memory_full_info().uss, asked(CONTEXTS)
    for tenant in tenants:
        with tenant_scope(tenant), connection.cursor() as cursor:
            for table in TOUCHED:
                cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
    # Not by the process: pages of the shared buffers that nobody else has mapped yet would count as its own.
    tenant_bytes = (asked(CONTEXTS) - empty) / len(tenants)
    assert asked("SELECT pg_backend_pid()") == server
    return {"connection_bytes": process, "connection_tenant_bytes": float(tenant_bytes)}


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]))))  # noqa: T201
