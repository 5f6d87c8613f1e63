"""Makes and drops a tenant's schema and role: the DDL side of the wall."""

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

from engage_server.tenancy import citus
from engage_server.tenancy.exceptions import RolesUnavailableError
from engage_server.tenancy.postgresql.scripts import run_script
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
# Roles belong to all databases of a server: where the tenant was restored into another one, both have the role.
ROLE: Final = """
    SELECT EXISTS (
        SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = role.oid
        AND d.dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
    FROM pg_roles role WHERE rolname = %s
"""


def generate_schema_name() -> str:
    """A new schema name; never derived from what a user typed."""
    return "t_" + "".join(secrets.choice(ALPHABET) for _ in range(16))


def scratch() -> TenantRef:
    """Stands for a schema that no tenant has (yet)."""
    return TenantRef(id=0, slug="scratch", schema=generate_schema_name(), timezone="UTC")


def create_schema(tenant: TenantRef, statements: list[str], *, has_role: bool = False) -> None:
    """Create schema, role, tables and rights in one go; must run inside a transaction, so that it is whole or nothing.

    Args:
        tenant: whose they are.
        statements: the template's.
        has_role: the role is there already (``create_role``).

    Raises:
        RolesUnavailableError: the login may not create roles.
    """
    require_role_rights()
    schema = sql.Identifier(tenant.schema)
    script = [sql.SQL("CREATE SCHEMA {}").format(schema), *([] if has_role else _role(schema))]
    script += [sql.SQL(statement) for statement in statements]
    _execute(tenant, [*script, *_rights(schema)])


def create_role(tenant: TenantRef) -> None:
    """Create the tenant's role, without rights yet.

    Raises:
        RolesUnavailableError: the login may not create roles.
    """
    require_role_rights()
    _execute(tenant, _role(sql.Identifier(tenant.schema)))


def grant_rights(tenant: TenantRef) -> None:
    """Give the tenant's role its rights on the tables that its schema has now, and on nothing else."""
    _execute(tenant, _rights(sql.Identifier(tenant.schema)))


def _execute(tenant: TenantRef, statements: Sequence[sql.Composable]) -> None:
    if statements:
        one_by_one = citus.in_use()
        with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
            run_script(cursor, statements, one_by_one=one_by_one)


def _role(schema: sql.Identifier) -> list[sql.Composable]:
    if not settings.ENGAGE_TENANT_ROLES:
        return []
    # The coordinator goes to the workers as the tenant's role; it has no password, so that the nodes alone let it in.
    login = sql.SQL("LOGIN" if citus.in_use() else "NOLOGIN")
    return [sql.SQL("CREATE ROLE {} {} NOINHERIT").format(schema, login)]


def _rights(schema: sql.Identifier) -> list[sql.Composable]:
    if not settings.ENGAGE_TENANT_ROLES:
        return []
    return [
        sql.SQL("GRANT USAGE ON SCHEMA {0} TO {0}").format(schema),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {0} TO {0}").format(schema),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {0} TO {0}").format(schema),
        # SET ROLE needs membership where the login is no superuser.
        sql.SQL("GRANT {0} TO CURRENT_USER").format(schema),
        *(
            sql.SQL("REVOKE UPDATE, DELETE ON {0}.{1} FROM {0}").format(schema, sql.Identifier(table))
            for table in append_only_tables()
        ),
    ]


def append_only_tables() -> list[str]:
    """Tenants' tables that the tenant's role may read and add to, but not change: models that say ``append_only``."""
    return sorted(
        model._meta.db_table
        for app in settings.TENANT_APPS
        for model in apps.get_app_config(app.rpartition(".")[2]).get_models()
        if getattr(model, "append_only", False)
    )


def drop_schema(tenant: TenantRef) -> None:
    """Drop schema, tables and role; must run inside a transaction."""
    schema = sql.Identifier(tenant.schema)
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        # A table with checks still to come at commit cannot be dropped: have them now.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
        cursor.execute(ROLE, [tenant.schema])
        if (role := cursor.fetchone()) is not None:
            if citus.in_use():
                # Of a schema that was begun there and not ended the login is no member yet.
                cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(schema))
            cursor.execute(sql.SQL("DROP OWNED BY {}").format(schema))
            if not role[0]:
                cursor.execute(sql.SQL("DROP ROLE {}").format(schema))


def require_role_rights() -> None:
    """Raise unless the login may create roles, or the switch says that tenants have none.

    Raises:
        RolesUnavailableError: names the remedy.
    """
    if not settings.ENGAGE_TENANT_ROLES:
        return
    with ExitStack() as stack:
        stack.enter_context(shared_scope())
        cursor = stack.enter_context(connection.cursor())
        cursor.execute("SELECT rolsuper OR rolcreaterole, rolname FROM pg_roles WHERE rolname = session_user")
        allowed, login = cursor.fetchone()
    if not allowed:
        raise RolesUnavailableError(
            f"The database login {login!r} may not create roles, and each tenant is walled off by one. Remedy: "
            f'ALTER ROLE "{login}" CREATEROLE, or ENGAGE_TENANT_ROLES=0 to run without (docs/operations.md).'
        )
