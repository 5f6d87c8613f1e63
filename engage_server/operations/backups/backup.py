"""Writes backups: tenant by tenant, each of one moment together with its rows in the shared tables.

A transaction per tenant: one over all of them would hold a lock on each of their tables, and PostgreSQL has room for
a few thousand locks. Nothing of a backup names a role, and its restoration may give every number again.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, cast

from django.db import ProgrammingError, connection, transaction
from psycopg import sql

from engage_server.operations.backups.archive import Archive, new_archive
from engage_server.operations.backups.shared_tables import OF_A_TENANT, OF_PEOPLE, SharedTable
from engage_server.operations.exceptions import BackupError
from engage_server.tenancy import schemas
from engage_server.tenancy.catalogue import structure
from engage_server.tenancy.export import one_snapshot, tables_of
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.postgresql.base import DatabaseWrapper
from engage_server.tenancy.schema_ddl import AFTER_ROWS, BEFORE_ROWS, dump_ddl
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.services import find_tenant

PEOPLE: Final = "people"
ATTEMPTS: Final = 3
MEMBERS: Final = "(SELECT user_id FROM public.access_membership WHERE tenant_id = {})"
ROWS: Final = "COPY (SELECT to_jsonb(one) FROM public.{} one WHERE {} ORDER BY id) TO STDOUT"
SEQUENCES: Final = (
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s AND last_value IS NOT NULL"
)
Progress = Callable[[str, int, int], None]


def back_up(directory: Path, *, slug: str = "", progress: Progress = lambda slug, done, total: None) -> Path:
    """Write a backup of one tenant, or of all with their people, to a new folder below ``directory``; return it.

    ``progress`` is called with the tenant that comes next, how many are done and how many there are.

    Raises:
        UnknownTenantError: there is none of this slug.
        BackupError: a tenant cannot be written as it is; then no backup bears its final name.
    """
    tenants = [find_tenant(slug)] if slug else _all_tenants()
    moment = datetime.now(UTC)
    target = directory / f"{slug or 'all'}-{moment:%Y%m%dT%H%M%S%f}"
    with new_archive(target) as archive:
        known_scripts: set[tuple[str, ...]] = set()
        parts = []
        for done, tenant in enumerate(tenants):
            progress(tenant.slug, done, len(tenants))
            parts += _back_up_tenant(archive, tenant.ref, known_scripts)
        if slug and not parts:
            raise BackupError(
                f"The tenant {slug!r} is being deleted. Remedy: its export is kept, see `tenant delete`."
            )
        if not slug:
            with shared_scope(timeout_ms=0):
                _write_rows(archive, PEOPLE, ((table, "true") for table in OF_PEOPLE))
        archive.facts = {
            "release": version("engage-server"),
            "taken_at": moment.isoformat(),
            "of": slug or "all",
            "tenants": parts,
        }
    progress("", len(tenants), len(tenants))
    return target


def folder_of(schema: str) -> str:
    """Where a backup keeps the tenant of this schema."""
    return f"tenants/{schema}"


def _all_tenants() -> list[Tenant]:
    with shared_scope():
        return list(Tenant.objects.exclude(status=Tenant.Status.DELETING))


def _back_up_tenant(
    archive: Archive, tenant: TenantRef, known_scripts: set[tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Write the tenant and return what the manifest says of it; nothing where it was deleted meanwhile."""
    folder = folder_of(tenant.schema)
    with tenant_scope(tenant, role="none", timeout_ms=0), _freeze(tenant) as tables:
        row = row_of(tenant)
        if row is None or row["status"] == Tenant.Status.DELETING:
            return []
        if not tables:
            raise BackupError(
                f"The schema of the tenant {tenant.slug!r} is gone. Remedy: restore it from an earlier backup, or "
                "delete the tenant; back up the others by --tenant meanwhile."
            )
        before, after = ([*dump_ddl(tenant.schema, parts)] for parts in (BEFORE_ROWS, AFTER_ROWS))
        _require_faithful(tenant, (*before, *after), known_scripts)
        rows = {table: _write_table(archive, f"{folder}/tables/{table}.copy.gz", table) for table in tables}
        schema = {"before": before, "after": after, **_states_of(tenant)}
        archive.write_json(f"{folder}/schema.json.gz", schema)
        archive.write_json(f"{folder}/tenant.json.gz", row)
        write_shared_rows(archive, folder, tenant)
    return [
        {
            "slug": row["slug"],
            "schema": tenant.schema,
            "taken_at": datetime.now(UTC).isoformat(),
            "schema_digest": row["schema_digest"],
            "rows": rows,
        }
    ]


def write_shared_rows(archive: Archive, folder: str, tenant: TenantRef) -> None:
    """What the shared tables hold of the tenant, the tenant's own row apart, and of its members."""
    _write_rows(archive, folder, ((table, f"tenant_id = {tenant.id}") for table in OF_A_TENANT))
    members = MEMBERS.format(tenant.id)
    of_members = ((table, f"{'user_id' if table.refers else 'id'} IN {members}") for table in OF_PEOPLE)
    _write_rows(archive, folder, of_members)


@contextmanager
def _freeze(tenant: TenantRef) -> Iterator[list[str]]:
    """All that the block reads is of one moment; yields the tenant's tables.

    They are locked against being altered or emptied before the moment is chosen: such changes would show in
    older moments too.
    """
    for attempt in range(ATTEMPTS):
        # Sends path and role before the transaction begins: its first question chooses the moment.
        cast(DatabaseWrapper, connection).scoped()
        tables = tables_of(tenant)
        with one_snapshot():
            if not _lock_tables(tables, last=attempt == ATTEMPTS - 1) or tables_of(tenant) != tables:
                continue
            yield tables
            return
    raise BackupError(
        f"The tables of {tenant.slug!r} keep changing. Remedy: wait for `manage.py migrate` to end, then again."
    )


def _lock_tables(tables: list[str], *, last: bool) -> bool:
    """Lock the tables; return whether they are there."""
    if not tables:
        return True
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
    except ProgrammingError:
        if last:
            raise
        return False
    return True


def row_of(tenant: TenantRef) -> dict[str, Any] | None:
    """The tenant's own row; None where it is gone. Needs a scope, any that reads the shared tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(one)::text FROM public.tenancy_tenant one WHERE id = %s", [tenant.id])
        found = cursor.fetchone()
    return None if found is None else json.loads(found[0])


def _require_faithful(tenant: TenantRef, script: tuple[str, ...], known: set[tuple[str, ...]]) -> None:
    """Raise unless the script makes the tenant's schema; most tenants have the same, which is tried once.

    Raises:
        BackupError: there is something in the schema that the script does not say.
    """
    if script in known:
        return
    scratch = replace(schemas.scratch(), id=tenant.id)
    with transaction.atomic():
        with tenant_scope(scratch, role="none", timeout_ms=0), connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(scratch.schema)))
            cursor.execute(";\n".join(script))
        odd = structure(tenant) ^ structure(scratch)
        transaction.set_rollback(True)
    if odd:
        raise BackupError(
            f"The schema of {tenant.slug!r} holds what a backup does not: {sorted(odd)[0]}. "
            "Remedy: `manage.py tenant verify` shows what is there too much; or pg_dump that schema."
        )
    known.add(script)


def _states_of(tenant: TenantRef) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES, [tenant.schema])
        sequences = dict(cursor.fetchall())
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        return {"sequences": sequences, "migrations": cursor.fetchall()}


def _write_table(archive: Archive, name: str, table: str) -> int:
    return _copy_out(archive, name, sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table)))


def _write_rows(archive: Archive, folder: str, tables: Iterable[tuple[SharedTable, str]]) -> None:
    for table, whose in tables:
        copy = sql.SQL(ROWS).format(
            sql.Identifier(table.name), sql.SQL(whose)
        )  # a constant of ours and a number
        _copy_out(archive, f"{folder}/shared/{table.name}.copy.gz", copy)


def _copy_out(archive: Archive, name: str, copy: sql.Composed) -> int:
    with archive.writing(name) as file, connection.cursor() as cursor:
        with cursor.copy(copy) as stream:
            for block in stream:
                file.write(block)
        rows: int = cursor.rowcount
    return rows
