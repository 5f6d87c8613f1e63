"""Says what of a tenant is not as it should be: schema, rights, release, time zone, ledger, audit log. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection

from engage_server.audit import log as audit_log
from engage_server.tenancy import catalogue, walls
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.versions import unknown_migrations
from engage_server.tenancy.zones import strangers_to

JANITOR: Final = "`manage.py tenant janitor --fix`"
MIGRATE: Final = "`manage.py migrate`"
RIGHT: Final = "right of the tenant's role"
# Two statements: on a Citus cluster none reads tables of the tenant and shared ones.
RUNS: Final = """
    SELECT DISTINCT plugin, day FROM engine_run WHERE tenant_id = %s AND state = 'SUCCEEDED' AND values_written > 0
"""
# A run that stored values has left some of its day, be they of a later revision by now.
EMPTY_RUNS: Final = """
    SELECT run.plugin, run.day::text FROM unnest(%s::text[], %s::date[]) AS run (plugin, day)
    WHERE NOT EXISTS (
        SELECT FROM metrics_wording series JOIN metrics_dayvalue stored ON stored.series_id = series.id
        WHERE stored.day = run.day AND split_part(series.metric, '.', 1) = run.plugin)
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be, and what puts it right."""

    kind: str
    text: str
    remedy: str


def inspect(tenant: Tenant, expected: frozenset[str]) -> list[Fault]:
    """All that is wrong with a tenant; ``expected`` is the template's catalogue."""
    ref = tenant.ref
    if not _is_there(ref):
        return [
            Fault(
                "missing", "the schema", "restore the tenant from a backup (docs/operations.md), or delete it"
            )
        ]
    return [
        *_of_release(tenant, expected),
        *(Fault("right", text, JANITOR) for text in walls.faults_of(ref)),
        *_of_zone(ref),
        *_of_ledger(ref),
        *_of_audit_log(ref),
    ]


def of_the_database() -> list[Fault]:
    """What is wrong with the database as a whole."""
    return [Fault("right", text, JANITOR) for text in walls.open_to_everybody()]


def _is_there(tenant: TenantRef) -> bool:
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def _of_release(tenant: Tenant, expected: frozenset[str]) -> Iterator[Fault]:
    with tenant_scope(tenant.ref, role="none"), connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        unknown = unknown_migrations(cursor.fetchall())
    behind = tenant.schema_digest != schema_digest()
    if unknown:
        yield Fault(
            "later", ".".join(unknown[0]), "start the release that knows this migration, or a later one"
        )
    elif behind:
        yield Fault("behind", "the schema lacks migrations", MIGRATE)
    difference = catalogue.compare(tenant.ref, expected)
    drift = MIGRATE if behind else "restore the tenant from a backup (docs/operations.md)"
    for line in difference.missing:
        yield Fault("missing", line, JANITOR if line.startswith(RIGHT) else drift)
    for line in difference.unexpected:
        foreign = "REVOKE it" if line.startswith("right of") else "DROP it, or see what made it"
        yield Fault("unexpected", line, MIGRATE if behind else foreign)


def _of_zone(tenant: TenantRef) -> Iterator[Fault]:
    if unknown := strangers_to(tenant.timezone):
        yield Fault(
            "zone",
            f"{tenant.timezone} is not known to {unknown}",
            f"`manage.py tenant set {tenant.slug} --timezone …`",
        )


def _of_ledger(tenant: TenantRef) -> Iterator[Fault]:
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(RUNS, [tenant.id])
        runs = cursor.fetchall()
    with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(EMPTY_RUNS, [[plugin for plugin, _ in runs], [day for _, day in runs]])
        days: dict[str, list[str]] = {}
        for plugin, day in cursor.fetchall():
            days.setdefault(plugin, []).append(day)
    for plugin, gone in days.items():
        yield Fault(
            "ledger",
            f"{plugin} is said to have computed {len(gone)} days that have no values",
            f"`manage.py compute --tenant {tenant.slug} --plugin {plugin} --from {gone[0]} --to {gone[-1]}`",
        )


def _of_audit_log(tenant: TenantRef) -> Iterator[Fault]:
    with tenant_scope(tenant, role="none", timeout_ms=0):
        verdict = audit_log.verify()
    if verdict.broken_at is not None:
        yield Fault("audit", f"entry {verdict.broken_at}: {verdict.reason}", "compare with a backup")
