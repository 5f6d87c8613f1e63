"""The SQL that makes a new tenant's schema: captured once per state of the migrations, kept in the shared schema."""

from functools import cache

from django.db import connection, transaction
from psycopg import sql

from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.models import Template
from engage_server.tenancy.recording import record_migrations
from engage_server.tenancy.schemas import scratch
from engage_server.tenancy.scope import shared_scope, tenant_scope


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


def capture_statements() -> list[str]:
    """Migrate a schema that is rolled back again, and return the SQL that did it."""
    tenant = scratch()
    with transaction.atomic():
        with shared_scope(timeout_ms=0), connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(tenant.schema)))
        with tenant_scope(tenant, role="none", timeout_ms=0):
            recording = record_migrations()
        transaction.set_rollback(True)
    statements = list(recording.preamble)
    for step in recording.steps:
        statements += step.statements
        statements += [_mark(*name) for name in step.names]
    return statements


def _mark(app: str, name: str) -> str:
    insert = sql.SQL("INSERT INTO django_migrations (app, name, applied) VALUES ({}, {}, now())")
    return insert.format(app, name).as_string(None)
