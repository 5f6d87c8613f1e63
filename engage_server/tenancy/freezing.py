"""Keeps a tenant as it is while it is moved: no statement changes a row of it, whoever sends it and whatever they remember.

A trigger on each table refuses, with a code of its own. It is set under locks that wait for those who are writing, so
that after its commit nothing comes any more; a revoked right would let the login through.
"""

import time
from collections.abc import Sequence
from typing import Final

from django.db import OperationalError, connection, transaction
from psycopg import sql

from engage_server.tenancy.database_errors import state_of
from engage_server.tenancy.exceptions import MoveError
from engage_server.tenancy.export import tables_of
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

# First half of the advisory lock that a move holds; the second is drawn from the schema's name.
MOVE_LOCK: Final = 0x6D6F76
TRIGGER: Final = "engage_moving"
FUNCTION: Final = "engage_refuse_while_moving"
MAKE_TRIGGER: Final = """
CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION public.{function}()
"""
IS_FROZEN: Final = """
SELECT EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = to_regnamespace(%(schema)s) AND t.tgname = %(trigger)s)
"""
LOCK_TIMEOUT: Final = "500ms"
ATTEMPTS: Final = 60
PAUSE_S: Final = 0.25
LOCK_NOT_HAD: Final = ("55P03", "40P01")


def freeze(tenant: TenantRef) -> float:
    """Refuse every change of the tenant's rows from here on; must run in a transaction, and waits for who is writing.

    Returns the moment (of ``time.monotonic``) from which on others wait.

    Raises:
        MoveError: somebody writes without a break.
    """
    with tenant_scope(tenant, role="none", timeout_ms=0):
        tables = tables_of(tenant)
        began = _lock(tables, tenant)
        with connection.cursor() as cursor:
            # In one message: others wait.
            cursor.execute(sql.SQL(";\n").join(_statement(MAKE_TRIGGER, table) for table in tables))
    return began


def thaw(tenant: TenantRef) -> None:
    """Take changes again; does nothing where they are taken."""
    with tenant_scope(tenant, role="none", timeout_ms=0), transaction.atomic(), connection.cursor() as cursor:
        for table in tables_of(tenant):
            cursor.execute(_statement("DROP TRIGGER IF EXISTS {trigger} ON {table}", table))


def is_frozen(tenant: TenantRef) -> bool:
    """Whether changes are refused."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(IS_FROZEN, {"schema": tenant.schema, "trigger": TRIGGER})
        return bool(cursor.fetchone()[0])


def _lock(tables: Sequence[str], tenant: TenantRef) -> float:
    """Wait for those who write, never for long at once: behind a lock that is not had, everybody else waits."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    for _ in range(ATTEMPTS):
        began = time.monotonic()
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
                cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
                cursor.execute("SELECT set_config('lock_timeout', '0', true)")
        except OperationalError as error:
            if state_of(error) not in LOCK_NOT_HAD:
                raise
            time.sleep(PAUSE_S)
        else:
            return began
    raise MoveError(
        f"The tables of {tenant.slug!r} are written to without a break. Nothing was changed. "
        "Remedy: stop its imports, then the same command again."
    )


def _statement(text: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(
        trigger=sql.Identifier(TRIGGER), function=sql.Identifier(FUNCTION), table=sql.Identifier(table)
    )
