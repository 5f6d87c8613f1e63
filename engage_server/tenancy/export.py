"""Writes a tenant's tables to a folder: one gzipped CSV per table and a manifest that counts the rows."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection
from psycopg import sql

from engage_server.tenancy.scope import TenantRef, tenant_scope


def export_tenant(tenant: TenantRef, directory: Path) -> Path:
    """Export every table of the tenant as it is now; return the new folder below ``directory``."""
    moment = datetime.now(UTC)
    target = directory / f"{tenant.slug}-{moment:%Y%m%dT%H%M%S%f}"
    target.mkdir(parents=True)
    rows = {}
    with tenant_scope(tenant, timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s ORDER BY 1",
            [tenant.schema],
        )
        for (table,) in cursor.fetchall():
            copy = sql.SQL("COPY {} TO STDOUT (FORMAT csv, HEADER)").format(sql.Identifier(table))
            with gzip.open(target / f"{table}.csv.gz", "wb") as file, cursor.copy(copy) as stream:
                for block in stream:
                    file.write(block)
            rows[table] = cursor.rowcount
    (target / "manifest.json").write_text(
        json.dumps({"tenant": tenant.slug, "exported_at": moment.isoformat(), "rows": rows}, indent=2)
    )
    return target
