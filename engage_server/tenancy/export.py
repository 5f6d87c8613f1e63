"""Writes a tenant's data to a folder: here, one gzipped CSV per table and a manifest that counts the rows.

The folder has its final name only when it is whole; until then it ends in ``.partial`` and is locked by the
process that writes it, so that the janitor can tell what a killed process left. It is private to its owner.
"""

import fcntl
import gzip
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import IsolationLevel, sql

from engage_server.tenancy.formulas import APOSTROPHE, TO_GUARD
from engage_server.tenancy.private_files import OWNER_READS, create_private_folder
from engage_server.tenancy.scope import TenantRef, tenant_scope

PARTIAL: Final = ".partial"
TEXT_COLUMNS: Final = """
    SELECT attname, atttypid IN ('text'::regtype, 'varchar'::regtype) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


def export_tenant(tenant: TenantRef, directory: Path, *, role: str | None = None) -> Path:
    """Export every table of the tenant as of one moment, as CSV; return the new folder below ``directory``.

    ``role`` as for ``tenant_scope``: "none" reads as the login, where the tenant's own role may be gone.
    """
    return export_folder(tenant, directory, write=_write_tables, role=role)


def export_folder(
    tenant: TenantRef,
    directory: Path,
    *,
    write: Callable[[TenantRef, Path], dict[str, Any]],
    role: str | None = None,
) -> Path:
    """Have ``write`` fill a new folder below ``directory``, inside the tenant's scope; return the folder.

    All that ``write`` reads is of one moment; what it returns stands in the manifest.
    """
    moment = datetime.now(UTC)
    target = directory / f"{tenant.slug}-{moment:%Y%m%dT%H%M%S%f}"
    partial = target.with_name(target.name + PARTIAL)
    create_private_folder(partial)
    with locked(partial):
        with tenant_scope(tenant, role=role, timeout_ms=0), one_snapshot():
            written = write(tenant, partial)
        manifest = {
            "tenant": tenant.slug,
            "schema": tenant.schema,
            "exported_at": moment.isoformat(),
            **written,
        }
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=2))
        for file in partial.iterdir():
            file.chmod(OWNER_READS)
            sync(file)
        partial.rename(target)
        sync(directory)
    return target


def _write_tables(tenant: TenantRef, folder: Path) -> dict[str, Any]:
    return {
        "formulas": f"guarded by {APOSTROPHE}",
        "rows": {table: _export_table(table, folder) for table in tables_of(tenant)},
    }


def abandoned_exports(directory: Path) -> list[Path]:
    """Folders of exports that were not ended and that no process is writing any more."""
    return [path for path in sorted(directory.glob(f"*{PARTIAL}")) if not _is_locked(path)]


def tables_of(tenant: TenantRef) -> list[str]:
    """Names of the tables in the tenant's schema; needs a scope, any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [tenant.schema])
        return [table for (table,) in cursor.fetchall()]


def holds_rows(tenant: TenantRef) -> bool:
    """Whether any table of the tenant's schema holds any, save the record of its migrations."""
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        for table in tables_of(tenant):
            if table != MigrationRecorder.Migration._meta.db_table:
                cursor.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(table)))
                if cursor.fetchone() == (True,):
                    return True
    return False


def _export_table(table: str, folder: Path) -> int:
    with connection.cursor() as cursor:
        cursor.execute(TEXT_COLUMNS, [table])
        columns = [_guarded(name) if is_text else sql.Identifier(name) for name, is_text in cursor.fetchall()]
        copy = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv, HEADER)").format(
            sql.SQL(", ").join(columns), sql.Identifier(table)
        )
        with gzip.open(folder / f"{table}.csv.gz", "wb") as file, cursor.copy(copy) as stream:
            for block in stream:
                file.write(block)
        rows: int = cursor.rowcount
    return rows


def _guarded(column: str) -> sql.Composable:
    """A column of texts, of which a spreadsheet runs none; see ``engage_server.tenancy.formulas``."""
    return sql.SQL("regexp_replace({0}, {1}, {2}) AS {0}").format(
        sql.Identifier(column), sql.Literal(TO_GUARD), sql.Literal(APOSTROPHE + r"\1")
    )


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All that the block reads is of one moment (inside a caller's transaction: of the caller's)."""
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    connection.connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with transaction.atomic():
            yield
    finally:
        if connection.connection is not None:
            connection.connection.isolation_level = None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_locked(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def sync(path: Path) -> None:
    """The export must outlive a power cut that follows the deletion of its tenant."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
