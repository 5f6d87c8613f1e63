"""The SQL that makes a new tenant's schema: captured once per state of the migrations, kept in the shared schema."""

import logging
from functools import cache

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from engage_server.tenancy import citus, schemas
from engage_server.tenancy.catalogue import describe
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.export import holds_rows
from engage_server.tenancy.migrations_runner.recorder import Recording, marking, record_migrations
from engage_server.tenancy.models import Template
from engage_server.tenancy.schema_ddl import dump_ddl
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

log = logging.getLogger("engage.tenancy")


def template_statements() -> list[str]:
    """The SQL that makes a schema of the present migrations; captured now if nobody has since they changed."""
    return _statements(schema_digest())


@cache
def _statements(digest: str) -> list[str]:
    with shared_scope(timeout_ms=0):
        known = Template.objects.filter(digest=digest).first()
        if known is None:
            known, _ = Template.objects.get_or_create(
                digest=digest, defaults={"statements": capture_statements()}
            )
    statements: list[str] = known.statements
    return statements


def template_catalogue() -> frozenset[str]:
    """The description of a schema made now from the template; it is rolled back again."""
    return _description(template_statements())


def capture_statements() -> list[str]:
    """Migrate a schema that is rolled back again, and return the SQL that makes its like.

    That is one statement for each thing that is there in the end, which costs half of what the migrations' own
    statements cost; those are returned where the migrations leave more than that can say.
    """
    tenant = schemas.scratch()
    with transaction.atomic():
        citus.keep_to_coordinator()
        with shared_scope(timeout_ms=0), connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(tenant.schema)))
        schemas.create_role(tenant)
        with tenant_scope(tenant, role="none", timeout_ms=0):
            recording = record_migrations()
            short = [
                *dump_ddl(tenant.schema),
                *marking(name for step in recording.steps for name in step.names),
            ]
        schemas.grant_rights(tenant)
        migrated, leaves_rows = describe(tenant), _leaves_rows(tenant)
        transaction.set_rollback(True)
    if not leaves_rows and _makes(short, migrated):
        return short
    log.warning(
        "New tenants are made by replaying the migrations: their outcome cannot be written in one script.",
        extra={"action": "template_replayed"},
    )
    return _replay(recording)


def _leaves_rows(tenant: TenantRef) -> bool:
    """Whether the migrations left rows in the schema or drew from its sequences, besides recording themselves."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_sequences WHERE schemaname = %s AND last_value IS NOT NULL"
            " AND sequencename <> 'django_migrations_id_seq'",
            [tenant.schema],
        )
        return cursor.fetchone() != (0,) or holds_rows(tenant)


def _makes(statements: list[str], expected: frozenset[str]) -> bool:
    try:
        return _description(statements) == expected
    except DatabaseError as error:
        log.info("%s", error, extra={"action": "template_not_shortened"})
        return False


def _description(statements: list[str]) -> frozenset[str]:
    tenant = schemas.scratch()
    with transaction.atomic():
        citus.keep_to_coordinator()
        schemas.create_schema(tenant, statements)
        described = describe(tenant)
        transaction.set_rollback(True)
    return described


def _replay(recording: Recording) -> list[str]:
    statements = list(recording.preamble)
    for step in recording.steps:
        statements += step.statements
        statements += marking(step.names)
    return statements
