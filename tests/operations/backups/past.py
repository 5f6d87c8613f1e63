"""A tenant with something of everything, and what there is of it anywhere."""

import json
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

from engage_server.engine import verification
from engage_server.operations.backups import installation
from engage_server.operations.backups.archive import open_archive
from engage_server.operations.backups.restoration import RestoreResult, restore_tenant
from engage_server.operations.backups.shared_tables import OF_A_TENANT
from engage_server.privacy.tombstones import Entries
from engage_server.tenancy.scope import TenantRef, shared_scope
from tests.privacy.scenario import FIRST, compute, dump_of, store, use

DAYS = 3
ROWS = """
    SELECT to_jsonb(one) - 'id' - 'tenant_id' - 'maker_id' - 'key_id' - 'token' FROM {} one WHERE tenant_id = %s
"""


def live(tenant: TenantRef, *users: str, day: int = 0) -> None:
    """Events of these users on a day, and the values of the first days."""
    when = FIRST.replace(day=FIRST.day + day)
    store(tenant, *(use(f"{user}-{day}", user, when) for user in users))
    compute(tenant, days=DAYS)


def shared_rows(tenant_id: int) -> dict[str, list[dict[str, Any]]]:
    """The tenant's rows in the shared tables, without what is numbered again."""
    found = {}
    with shared_scope(), connection.cursor() as cursor:
        for table in OF_A_TENANT:
            cursor.execute(sql.SQL(ROWS).format(sql.Identifier(table.name)), [tenant_id])
            found[table.name] = [json.loads(row) for (row,) in sorted(cursor.fetchall())]
    return found


def restore(
    folder: Path, slug: str, *, as_slug: str = "", tombstones: Entries | None = None
) -> RestoreResult:
    """As the command does it, without asking."""
    archive = open_archive(folder)
    (part,) = installation.parts_of(archive, slug)
    archive.check()
    installation.require_restorable(archive, part, slug=as_slug)
    return restore_tenant(archive, part, slug=as_slug, tombstones=tombstones)


def verdicts(tenant: TenantRef) -> dict[str, int]:
    """How many stored values are what their inputs give."""
    counts = verification.counts(verification.verify(tenant))
    return {verdict.name: count for verdict, count in counts.items() if count}


def rows_of(tenant: TenantRef) -> str:
    """Every row of the tenant's schema, without the audit log, which tells of the restoration."""
    lines = dump_of(tenant).splitlines()
    return "\n".join(line for line in lines if not line.startswith("audit_auditentry"))
