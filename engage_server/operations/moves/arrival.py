"""What is done at the far side of a move: a schema for the rows to come, and in the end whom they belong to.

All of it runs on the other installation's database (``FarSide.entered``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from psycopg import sql

from engage_server.audit.log import record
from engage_server.customers.cache_epoch import begin_era
from engage_server.operations.backups import people, renumbering, runs
from engage_server.operations.backups.archive import Archive
from engage_server.operations.backups.restoration import LOCK, TENANT, give_rights
from engage_server.operations.backups.shared_tables import OF_A_TENANT
from engage_server.tenancy import schemas
from engage_server.tenancy.exceptions import MoveError
from engage_server.tenancy.export import tables_of
from engage_server.tenancy.models import Domain, Move, Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

FOLDER: Final = "moved"
NEXT_NUMBER: Final = "SELECT nextval(pg_get_serial_sequence('public.tenancy_tenant', 'id')::regclass)"
# All in one statement: there are dozens, and the tenant is frozen.
SET_SEQUENCES: Final = """
    SELECT setval(quote_ident(name)::regclass, value) FROM unnest(%s::text[], %s::bigint[]) AS one (name, value)
"""


@dataclass(frozen=True, slots=True)
class Baggage:
    """What comes beside the tenant's tables: its shared rows, its own row, and where its sequences are."""

    archive: Archive
    row: Mapping[str, Any]
    status: str
    sequences: Mapping[str, int]
    came_from: str


def require_room(tenant: TenantRef, domains: Sequence[str]) -> None:
    """Go on where nobody here has the tenant's slug, domains or schema.

    Raises:
        MoveError: somebody has; names what to do.
    """
    with shared_scope():
        if Tenant.objects.filter(slug=tenant.slug).exists():
            raise MoveError(
                f"Another tenant is called {tenant.slug!r} there. Remedy: `manage.py tenant rename` one of them."
            )
        taken = sorted(Domain.objects.filter(domain__in=domains).values_list("domain", flat=True))
        if taken:
            raise MoveError(f"Another tenant there has the domain {taken[0]}. Remedy: remove it on one side.")
        if tables_of(tenant) and not Move.objects.filter(schema_name=tenant.schema).exists():
            raise MoveError(
                f"There is a schema {tenant.schema} there of no tenant. Remedy: `manage.py tenant janitor --fix` there."
            )


def make_schema(tenant: TenantRef, script: Sequence[str], *, came_from: str, status: str) -> None:
    """An empty schema like the one that is left, with its role; does nothing where it is there."""
    with transaction.atomic(), shared_scope(timeout_ms=0):
        if tables_of(tenant):
            return
        Move.objects.get_or_create(
            schema_name=tenant.schema,
            defaults={
                "tenant_id": 0,
                "slug": tenant.slug,
                "cell": came_from,
                "step": Move.Step.COMING,
                "former_status": status,
            },
        )
        with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(tenant.schema)))
            for statement in script:
                cursor.execute(statement)
        give_rights(tenant)


def analyze(tenant: TenantRef) -> None:
    """Have the planner know the rows that came, before anybody asks for them."""
    with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, tables_of(tenant)))
        cursor.execute(sql.SQL("ANALYZE {}").format(names))


def has_arrived(schema: str) -> bool:
    """Whether a tenant has the schema."""
    with shared_scope():
        return Tenant.objects.filter(schema_name=schema).exists()


def arrive(tenant: TenantRef, baggage: Baggage) -> TenantRef:
    """Serve the tenant from here on: one transaction, after whose commit it lives here.

    Raises:
        MoveError: one of its domains was taken meanwhile; nothing has changed.
    """
    with transaction.atomic():
        with shared_scope(timeout_ms=0):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            moved = _take_in_rows(baggage)
            _require_domains(moved, baggage)
            Move.objects.filter(schema_name=tenant.schema).delete()
        with tenant_scope(moved, role="none", timeout_ms=0):
            with connection.cursor() as cursor:
                cursor.execute(SET_SEQUENCES, [[*baggage.sequences], [*baggage.sequences.values()]])
            runs.number_values()
            begin_era(former=0)
        with tenant_scope(moved, timeout_ms=0):
            record("tenant.moved", subject=moved.slug, details={"from": baggage.came_from})
    return moved


def leave_nothing(tenant: TenantRef) -> None:
    """Take back what was made here for a tenant that does not come; does nothing where there is nothing."""
    with transaction.atomic(), shared_scope(timeout_ms=0):
        if Tenant.objects.filter(schema_name=tenant.schema).exists():
            raise MoveError(f"{tenant.slug!r} is served there already. Remedy: move it back from there.")
        schemas.drop_schema(tenant)
        Move.objects.filter(schema_name=tenant.schema, step=Move.Step.COMING).delete()


def _take_in_rows(baggage: Baggage) -> TenantRef:
    people.take_in(baggage.archive, FOLDER)
    renumbering.take_in_row(TENANT, baggage.row)
    with connection.cursor() as cursor:
        # Never a number that a tenant had before, whose jobs and memories may still be about.
        cursor.execute(NEXT_NUMBER)
        (number,) = cursor.fetchone()
    renumbering.write(TENANT, id=number, status=baggage.status)
    for table in OF_A_TENANT:
        renumbering.take_in(baggage.archive, FOLDER, table)
    runs.set_free()
    for table in OF_A_TENANT:
        renumbering.write(table, tenant_id=number)
    return Tenant.objects.get(pk=number).ref


def _require_domains(moved: TenantRef, baggage: Baggage) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT \"row\"->>'domain' FROM {} EXCEPT SELECT domain FROM tenancy_domain WHERE tenant_id = {}")
            .format(renumbering.numbered("tenancy_domain"), sql.Literal(moved.id))
        )  # fmt: skip
        missing = cursor.fetchone()
    if missing is not None:
        raise MoveError(f"Another tenant there has the domain {missing[0]} by now.")
