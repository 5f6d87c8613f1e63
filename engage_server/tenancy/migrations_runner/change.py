"""A change of schema as a value, and its application to one tenant: whole in one transaction, or not at all."""

import re
from dataclasses import dataclass
from typing import Final

from django.db import connection

from engage_server.tenancy import citus
from engage_server.tenancy.exceptions import SchemaDriftError
from engage_server.tenancy.migrations_runner.recorder import (
    Recording,
    Step,
    marking,
    naming,
    record_migrations,
)
from engage_server.tenancy.postgresql.scripts import run_script
from engage_server.tenancy.schemas import grant_rights
from engage_server.tenancy.scope import TenantRef, tenant_scope

# What can make no table, sequence or view: after anything else the tenant's role is given its rights again.
HARMLESS: Final = re.compile(
    r"\s*(ALTER TABLE|ALTER INDEX|(CREATE|DROP) (UNIQUE )?INDEX|DROP TABLE|SET CONSTRAINTS|UPDATE|INSERT|DELETE|COMMENT)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What takes a schema from the migrations named in ``before`` to the present ones; the same for all such."""

    before: frozenset[tuple[str, str]]
    steps: tuple[Step, ...]

    @property
    def touches_rights(self) -> bool:
        """Whether new tables may have come, to which the tenant's role has no right yet."""
        return any(
            step.python is not None or not all(HARMLESS.match(text) for text in step.statements)
            for step in self.steps
        )


def record_change(tenant: TenantRef) -> Change:
    """Migrate a tenant through Django and return what that did; must run inside a transaction."""
    with tenant_scope(tenant, role="none", timeout_ms=0):
        change = _change(record_migrations())
    if change.touches_rights:
        grant_rights(tenant)
    return change


def apply_change(change: Change, tenant: TenantRef) -> None:
    """Migrate a tenant as another one was; must run inside a transaction.

    Raises:
        SchemaDriftError: the schema's own record of migrations is another than that tenant's was.
    """
    with tenant_scope(tenant, role="none", timeout_ms=0):
        recorded = _read_recorded()
        if recorded != change.before:
            odd = ", ".join(sorted(".".join(name) for name in recorded ^ change.before))
            raise SchemaDriftError(
                f"The schema's own record of migrations is not what its digest stands for; it differs in: {odd}. "
                "Remedy: `manage.py tenant verify` shows the differences; restore the schema from a backup."
            )
        for step in change.steps:
            with naming(str(step)):
                _apply_step(step)
    if change.touches_rights:
        grant_rights(tenant)


def _read_recorded() -> frozenset[tuple[str, str]]:
    """The migrations that the schema in scope says it has. Django's recorder would first read the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return frozenset(cursor.fetchall())


def _apply_step(step: Step) -> None:
    if step.python is not None:
        with connection.schema_editor(atomic=True) as editor:
            step.python.migration.apply(step.python.before.clone(), editor)
    statements = () if step.python else step.statements
    with connection.cursor() as cursor:
        run_script(cursor, [*statements, *marking(step.names)], one_by_one=citus.in_use())


def _change(recording: Recording) -> Change:
    return Change(before=recording.before, steps=recording.steps)
