"""Restores a tenant from a backup, in one transaction: beside the one that is here, then in its place.

The tenant goes on being served while its rows are brought in; others notice nothing. What takes its place is told apart
from what was there by an epoch that nobody knows, so that no process writes an event to a number that another person
has now.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from psycopg import sql

from engage_server.audit.log import record
from engage_server.customers.cache_epoch import begin_era, bump_epoch, current_epoch
from engage_server.operations.backups import people, renumbering, runs
from engage_server.operations.backups.archive import Archive
from engage_server.operations.backups.backup import folder_of
from engage_server.operations.backups.shared_tables import OF_A_TENANT, SharedTable
from engage_server.operations.exceptions import UnrestorableError
from engage_server.privacy.tombstones import Entries, replay_into
from engage_server.tenancy import citus, schemas
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.exceptions import CitusError
from engage_server.tenancy.export import tables_of
from engage_server.tenancy.migrations_runner.change import record_change
from engage_server.tenancy.migrations_runner.runner import PASSING
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.tenant_cache import invalidate_tenant

LOCK: Final = 0x726573746F  # one restore at a time: two could choose the same free numbers
LOCK_TIMEOUT: Final = "2s"
ATTEMPTS: Final = 30
PAUSE_S: Final = 0.5
TENANT: Final = SharedTable("tenancy_tenant")
DOMAINS: Final = "tenancy_domain"


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What was restored. ``due``: runs whose values are gone; ``taken``: domains that other tenants have by now;
    ``actors``: people who have another number here than the backup's audit log calls them by."""

    tenant: TenantRef
    in_place: bool
    rows: int
    due: int
    erased_again: int
    taken: Sequence[str] = ()
    actors: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Plan:
    archive: Archive
    part: Mapping[str, Any]
    slug: str
    tombstones: Entries
    progress: Callable[[str, int, int], None]
    folder: str = field(init=False)

    def __post_init__(self) -> None:
        self.folder = folder_of(self.part["schema"])


def restore_tenant(
    archive: Archive,
    part: Mapping[str, Any],
    *,
    slug: str = "",
    tombstones: Entries | None = None,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> RestoreResult:
    """Restore the tenant of a part of the backup, whole or not at all.

    A tenant that is here gets back its schema, time zone, schedules, ledger and notes; who may enter stays as it is. Of
    one that is not here everything is restored.

    Args:
        archive: the backup; its files were compared with their digests.
        part: what its manifest says of the tenant.
        slug: instead of the tenant's own, where another tenant has that.
        tombstones: who was erased since, by schema, beside those whom the lists of backup and database name.
        progress: called with a table, how many are done and how many there are.

    Raises:
        UnrestorableError: names cause and remedy.
        DamagedBackupError: a file cannot be read.
    """
    try:
        citus.refuse("a backup is not restored: restore it into a plain PostgreSQL")
    except CitusError as error:
        raise UnrestorableError(str(error)) from None
    plan = _Plan(archive, part, slug or part["slug"], tombstones or {}, progress)
    with transaction.atomic():
        with shared_scope(timeout_ms=0), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        schema = archive.read_json(f"{plan.folder}/schema.json.gz")
        present = _present(part["schema"])
        scratch = _bring_in(plan, schema)
        former = _make_way(present, part["schema"])
        _rename(scratch, part["schema"])
        restored = _take_back(plan, present) if present else _take_in(plan)
        tenant = restored.tenant
        with tenant_scope(tenant, role="none", timeout_ms=0):
            runs.number_values()
            begin_era(former=former)
        give_rights(tenant)
        _migrate(tenant, part)
        with tenant_scope(tenant, timeout_ms=0):
            replayed = replay_into(tenant, plan.tombstones.get(tenant.schema, []))
            record(
                "tenant.restored",
                subject=tenant.slug,
                details={
                    "backup": part["taken_at"],
                    "in_place": restored.in_place,
                    "actors": dict(restored.actors),
                },
            )
    invalidate_tenant(tenant.id)
    return replace(restored, erased_again=replayed.persons)


def _present(schema: str) -> Tenant | None:
    with shared_scope():
        return Tenant.objects.filter(schema_name=schema).first()


# -- the schema ---------------------------------------------------------------------------------------------


def _bring_in(plan: _Plan, schema: Mapping[str, Any]) -> TenantRef:
    """Make the backup's schema under a name of its own."""
    scratch = schemas.scratch()
    rows = plan.part["rows"]
    with tenant_scope(scratch, role="none", timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(scratch.schema)))
        cursor.execute(";\n".join(schema["before"]))
        for done, table in enumerate(rows):
            plan.progress(table, done, len(rows))
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                for block in plan.archive.blocks(f"{plan.folder}/tables/{table}.copy.gz"):
                    copy.write(block)
        plan.progress("indexes", len(rows), len(rows))
        cursor.execute(";\n".join(schema["after"]))
        for sequence, value in schema["sequences"].items():
            cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [sequence, value])
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(map(sql.Identifier, rows))))
    return scratch


def _make_way(present: Tenant | None, schema: str) -> int:
    """Drop the schema that is here, once nobody works on it; return its epoch."""
    if present is None:
        return 0
    tenant = present.ref
    with tenant_scope(tenant, role="none", timeout_ms=0):
        tables = tables_of(tenant)
        if not tables:
            return 0
        _lock(tables, tenant)
        bump_epoch()
        former = current_epoch()
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    return former


def _lock(tables: Sequence[str], tenant: TenantRef) -> None:
    """Wait for those who use the tables, never for long: behind a lock that is not had, everybody else waits."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
                cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
                cursor.execute("SELECT set_config('lock_timeout', '0', true)")
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in PASSING:
                raise
            time.sleep(PAUSE_S)
        else:
            return
    raise UnrestorableError(
        f"The tables of {tenant.slug!r} are in use without a break. Nothing was changed. "
        "Remedy: `manage.py tenant suspend` it and stop its imports, then restore."
    )


def _rename(scratch: TenantRef, schema: str) -> None:
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
                sql.Identifier(scratch.schema), sql.Identifier(schema)
            )
        )


def give_rights(tenant: TenantRef) -> None:
    """Make the role of a schema, where the server does not have it, and give it its rights."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [tenant.schema])
        known = cursor.fetchone() is not None
    if not known:
        schemas.create_role(tenant)
    schemas.grant_rights(tenant)


def _migrate(tenant: TenantRef, part: Mapping[str, Any]) -> None:
    """Bring what an earlier release wrote up to date."""
    if part["schema_digest"] == schema_digest():
        return
    record_change(tenant)
    with shared_scope():
        Tenant.objects.filter(pk=tenant.id).update(schema_digest=schema_digest())


# -- the rows in the shared tables ---------------------------------------------------------------------------


def _take_back(plan: _Plan, present: Tenant) -> RestoreResult:
    """Of a tenant that is here: what goes back together with its schema."""
    row = plan.archive.read_json(f"{plan.folder}/tenant.json.gz")
    with shared_scope(timeout_ms=0):
        for table in OF_A_TENANT:
            if table.goes_back:
                runs.take_back(plan.archive, plan.folder, table, tenant_id=present.pk)
        due = runs.reopen(present.pk)
        for table in OF_A_TENANT:
            if table.goes_back:
                runs.replace(table, tenant_id=present.pk)
        Tenant.objects.filter(pk=present.pk).update(
            timezone=row["timezone"], schema_digest=row["schema_digest"]
        )
        present.refresh_from_db()
    return RestoreResult(present.ref, in_place=True, rows=_rows(plan), due=due, erased_again=0)


def _take_in(plan: _Plan) -> RestoreResult:
    """Of a tenant that is not here: all its rows, and its members."""
    with shared_scope(timeout_ms=0):
        people.take_in(plan.archive, plan.folder)
        actors = people.changed_numbers()
        tenant = _take_in_tenant(plan)
        for table in OF_A_TENANT:
            renumbering.take_in(plan.archive, plan.folder, table)
        runs.set_free()
        taken = _taken_domains()
        for table in OF_A_TENANT:
            renumbering.write(table, tenant_id=tenant.pk)
    return RestoreResult(
        tenant.ref, in_place=False, rows=_rows(plan), due=0, erased_again=0, taken=taken, actors=actors
    )


def _take_in_tenant(plan: _Plan) -> Tenant:
    row = plan.archive.read_json(f"{plan.folder}/tenant.json.gz")
    renumbering.take_in_row(TENANT, row)
    renumbering.write(TENANT, slug=plan.slug)
    return Tenant.objects.get(schema_name=plan.part["schema"])


def _taken_domains() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT domain FROM public.tenancy_domain"
                " WHERE domain IN (SELECT \"row\"->>'domain' FROM {}) ORDER BY domain"
            ).format(renumbering.numbered(DOMAINS))
        )
        return [domain for (domain,) in cursor.fetchall()]


def _rows(plan: _Plan) -> int:
    return sum(plan.part["rows"].values())
