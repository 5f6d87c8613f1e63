"""Statements on shared tables from inside a tenant's scope: they end where they began, also when they fail."""

from contextlib import nullcontext

import pytest
from django.db import DatabaseError, connection, transaction

from engage_server.engine.models import AffectedDay
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.shared_statements import execute_shared

NOTE = """
    INSERT INTO engine_affectedday (tenant_id, cause, plugin, why, day) VALUES (%s, 'EVENTS', '', '', %s)
"""


def whereabouts() -> tuple[str, str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user::text, current_schema()::text, current_setting('statement_timeout')"
        )
        return tuple(cursor.fetchone())


def noted() -> int:
    with shared_scope():
        return AffectedDay.objects.count()


def test_a_visit_writes_shared_rows_and_leaves_the_scope_as_it_was(acme: TenantRef):
    with tenant_scope(acme, timeout_ms=12_000):
        before = whereabouts()
        execute_shared(NOTE, [acme.id, "2026-01-01"])
        assert whereabouts() == before == (acme.schema, acme.schema, "12s")
    assert noted() == 1


def test_a_visit_from_nowhere_or_from_the_shared_scope_is_an_ordinary_statement(acme: TenantRef):
    execute_shared(NOTE, [acme.id, "2026-01-01"])
    with shared_scope():
        execute_shared(NOTE, [acme.id, "2026-01-02"])
    assert noted() == 2


@pytest.mark.parametrize("outermost", [True, False])
def test_a_visit_that_fails_leaves_nobody_on_the_shared_tables(acme: TenantRef, outermost: bool):
    with tenant_scope(acme):
        before = whereabouts()
        with nullcontext() if outermost else transaction.atomic():
            with pytest.raises(DatabaseError), transaction.atomic():
                execute_shared(NOTE, [acme.id, "no day"])
            assert whereabouts() == before
        assert whereabouts() == before
    assert noted() == 0


def test_a_visit_in_a_transaction_that_is_undone_leaves_nothing(acme: TenantRef):
    with tenant_scope(acme):
        before = whereabouts()
        with transaction.atomic():
            execute_shared(NOTE, [acme.id, "2026-01-01"])
            transaction.set_rollback(True)
        assert whereabouts() == before
    assert noted() == 0
