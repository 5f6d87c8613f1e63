"""Finds what was left half-made or half-dropped, and puts it right where that takes no decision.

Onboarding and deletion are transactions, so our own code leaves nothing but exports not ended and deletions
not ended; the rest is what hands, restored backups and earlier versions leave. Keys, schedules and runs cannot
be orphans: their foreign keys to the tenant see to it.
"""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from engage_server.tenancy import schemas, walls
from engage_server.tenancy.export import abandoned_exports, export_tenant, holds_rows
from engage_server.tenancy.freezing import MOVE_LOCK
from engage_server.tenancy.models import SpareSchema, Tenant
from engage_server.tenancy.removal import REMOVAL_LOCK, remove_tenant
from engage_server.tenancy.scope import TenantRef, shared_scope

log = logging.getLogger("engage.tenancy")

# One statement, hence one snapshot: a tenant that is being made shows whole or not at all. Roles belong to all
# databases of the server: one with anything in another database is another installation's.
LOOK = """
WITH named AS (
    SELECT schema_name AS name, id, slug, status FROM tenancy_tenant
    UNION ALL SELECT schema_name, NULL, NULL, 'SPARE' FROM tenancy_spareschema
    -- Of a tenant that comes from another installation: the rows are there before it is.
    UNION ALL SELECT schema_name, NULL, NULL, 'COMING' FROM tenancy_move WHERE step = 'COMING'
), present AS (
    SELECT nspname::text AS name FROM pg_namespace WHERE nspname ~ '^t_[0-9a-z]{16}$'
), role AS (
    SELECT rolname::text AS name, oid FROM pg_roles WHERE rolname ~ '^t_[0-9a-z]{16}$'
)
SELECT 'ORPHAN_SCHEMA', name FROM present WHERE name NOT IN (SELECT name FROM named)
UNION ALL
SELECT 'ORPHAN_ROLE', name FROM role
WHERE name NOT IN (SELECT name FROM named) AND name NOT IN (SELECT name FROM present)
  AND NOT EXISTS (
      SELECT 1 FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = role.oid
      AND d.dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  )
UNION ALL
SELECT 'SPARE_WITHOUT_SCHEMA', name FROM named WHERE status = 'SPARE' AND name NOT IN (SELECT name FROM present)
UNION ALL
SELECT 'TENANT_WITHOUT_SCHEMA', slug FROM named
WHERE status NOT IN ('SPARE', 'COMING') AND name NOT IN (SELECT name FROM present)
UNION ALL
SELECT 'WITHOUT_ROLE', name FROM named
WHERE %(roles)s AND name IN (SELECT name FROM present) AND name NOT IN (SELECT name FROM role)
UNION ALL
SELECT 'HALF_MOVED', slug || ' to ' || cell FROM tenancy_move
WHERE step IN ('FOLLOWING', 'FROZEN', 'ARRIVED') AND NOT EXISTS (
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %(move)s
    AND objid = (hashtext(schema_name)::bigint & 4294967295)::oid AND objsubid = 2
)
UNION ALL
SELECT 'HALF_COME', slug || ' from ' || cell FROM tenancy_move WHERE step = 'COMING'
UNION ALL
SELECT 'WITHOUT_RIGHTS', named.name FROM named JOIN role ON role.name = named.name
JOIN pg_namespace schema ON schema.nspname = named.name
WHERE %(roles)s AND (
    NOT has_schema_privilege(role.oid, schema.oid, 'USAGE') OR NOT pg_has_role(session_user, role.oid, 'MEMBER')
    OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = schema.oid AND c.relkind = 'r'
        AND NOT (has_table_privilege(role.oid, c.oid, 'SELECT') AND has_table_privilege(role.oid, c.oid, 'INSERT')))
    OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = schema.oid
        AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(role.oid, c.oid, 'USAGE') END))
UNION ALL
SELECT 'HALF_DELETED', slug FROM named WHERE status = 'DELETING' AND NOT EXISTS (
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %(removal)s AND objid = named.id::oid AND objsubid = 2
)
"""


class Kind(StrEnum):
    """What can be out of order, and what putting it right means; in the order in which it is done."""

    WITHOUT_ROLE = "a tenant whose role is gone; fixing makes it again, with its rights"
    OPEN_WALLS = "more than the login may is open to every role; fixing closes it"
    WITHOUT_RIGHTS = "a tenant whose role lacks rights; fixing gives it its own"
    HALF_DELETED = "a deletion was begun and not ended; fixing ends it, with an export"
    HALF_MOVED = "a move that nobody is carrying out; `tenant move` again ends it, with --undo takes it back"
    HALF_COME = "a tenant on its way here; the move is ended or taken back where it began"
    ORPHAN_SCHEMA = "a schema that no tenant has; fixing exports it if it holds rows, and drops it"
    ORPHAN_ROLE = "a role that no tenant has; fixing drops it"
    SPARE_WITHOUT_SCHEMA = "a spare schema that is gone; fixing forgets it"
    TENANT_WITHOUT_SCHEMA = "a tenant whose schema is gone; restore it from a backup, or delete the tenant"
    ABANDONED_BACKUP = "a backup that was not ended; fixing removes it"
    ABANDONED_EXPORT = "an export that was not ended; fixing removes it"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing out of order: its kind and the name of the tenant, schema, role or folder."""

    kind: Kind
    name: str

    @property
    def needs_decision(self) -> bool:
        """Whether only a person can say what should be done."""
        return self.kind in (Kind.TENANT_WITHOUT_SCHEMA, Kind.HALF_MOVED, Kind.HALF_COME)


def backups_beside(export_dir: Path) -> Path:
    """Where backups are written by default, beside the exports."""
    return export_dir.with_name("backups")


def look(export_dir: Path) -> list[Finding]:
    """All that is out of order now; changes nothing."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            LOOK, {"roles": settings.ENGAGE_TENANT_ROLES, "removal": REMOVAL_LOCK, "move": MOVE_LOCK}
        )
        found = [Finding(Kind[kind], name) for kind, name in cursor.fetchall()]
    if walls.open_to_everybody():
        found.append(Finding(Kind.OPEN_WALLS, settings.ENGAGE_DATABASE))
    found += [Finding(Kind.ABANDONED_EXPORT, path.name) for path in abandoned_exports(export_dir)]
    found += [
        Finding(Kind.ABANDONED_BACKUP, path.name) for path in abandoned_exports(backups_beside(export_dir))
    ]
    return sorted(found, key=lambda finding: (list(Kind).index(finding.kind), finding.name))


def fix(export_dir: Path) -> Iterator[Finding]:
    """Put right what can be, and say so one by one; doing it again does nothing."""
    for finding in look(export_dir):
        if not finding.needs_decision:
            _fix(finding, export_dir)
            log.info(
                "The janitor fixed: %s",
                finding.kind,
                extra={"action": "janitor_fixed", "object": finding.name},
            )
            yield finding


def _fix(finding: Finding, export_dir: Path) -> None:
    ref = TenantRef(id=0, slug=f"orphan-{finding.name}", schema=finding.name, timezone="UTC")
    match finding.kind:
        case Kind.HALF_DELETED:
            remove_tenant(finding.name, export_dir=export_dir)
        case Kind.ORPHAN_SCHEMA:
            _drop_orphan(ref, export_dir)
        case Kind.ORPHAN_ROLE:
            with transaction.atomic():
                schemas.drop_schema(ref)
        case Kind.SPARE_WITHOUT_SCHEMA:
            with shared_scope():
                SpareSchema.objects.filter(schema_name=finding.name).delete()
        case Kind.WITHOUT_ROLE:
            with transaction.atomic():
                schemas.create_role(ref)
                schemas.grant_rights(ref)
        case Kind.WITHOUT_RIGHTS:
            with transaction.atomic():
                schemas.grant_rights(ref)
        case Kind.OPEN_WALLS:
            walls.close()
        case Kind.ABANDONED_BACKUP:
            shutil.rmtree(backups_beside(export_dir) / finding.name)
        case Kind.ABANDONED_EXPORT:
            shutil.rmtree(export_dir / finding.name)


def _drop_orphan(ref: TenantRef, export_dir: Path) -> None:
    with transaction.atomic():
        with shared_scope():
            # Between the look and now somebody may have restored the tenant's row.
            if Tenant.objects.filter(schema_name=ref.schema).exists():
                return
        if holds_rows(ref):
            export_tenant(ref, export_dir, role="none")
        schemas.drop_schema(ref)
