"""Every table is shared or a tenant's, never both, and the catalogue agrees."""

from typing import Final

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from engage_server.tenancy import spare_schemas, templates
from engage_server.tenancy.models import SpareSchema
from engage_server.tenancy.schemas import append_only_tables
from engage_server.tenancy.scope import shared_scope, tenant_scope

VERBS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
HOME: Final = {"SELECT", "INSERT", "UPDATE", "DELETE"}


def tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {row[0] for row in cursor.fetchall()}


def declared(app_names: list[str]) -> set[str]:
    return {
        model._meta.db_table
        for app in apps.get_app_configs()
        if app.name in app_names
        for model in app.get_models(include_auto_created=True)
        if model._meta.managed
    } | {"django_migrations"}


def test_no_app_is_both_shared_and_the_tenants():
    assert not set(settings.SHARED_APPS) & set(settings.TENANT_APPS)


def test_a_tenants_schema_has_exactly_the_declared_tables(acme):
    with tenant_scope(acme):
        assert tables(acme.schema) == declared(settings.TENANT_APPS)
    # The 32nd are tasks, the 33rd invitations to surveys: what one of them came to must outlive an erased answer;
    # the 34th the pieces of files that are imported by request: customers' data, which no shared table may hold.
    assert len(declared(settings.TENANT_APPS)) <= 34, "each table costs disk and memory once per tenant"


def test_the_shared_schema_has_no_tenant_table(db):
    with shared_scope():
        present = {table for table in tables("public") if not table.startswith("procrastinate")}
    assert present == {t for t in declared(settings.SHARED_APPS) if not t.startswith("procrastinate")}


def test_no_foreign_key_crosses_schemas(acme):
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid"
            " JOIN pg_class b ON b.oid = c.confrelid WHERE c.contype = 'f' AND a.relnamespace <> b.relnamespace"
        )
        assert cursor.fetchone() == (0,)


@pytest.fixture
def roles(acme, globex):
    """The roles of two tenants and of one that is spare: all that this database has."""
    spare_schemas.refill(1)
    with shared_scope():
        names = {acme.schema, globex.schema, SpareSchema.objects.get().schema_name}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%' AND nspname = ANY(SELECT rolname FROM pg_roles)"
            )
            assert {name for (name,) in cursor.fetchall()} == names
    return sorted(names)


def granted(statement: str, parameters: list[object]) -> list[tuple[object, ...]]:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


@pytest.mark.parametrize("verb", VERBS)
def test_every_tenants_role_has_rights_on_its_own_tables_and_on_no_other(roles, verb):
    rows = granted(
        "SELECT role, schemaname, tablename, has_table_privilege(role, format('%%I.%%I', schemaname, tablename), %s)"
        " FROM pg_tables, unnest(%s::text[]) AS role WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        [verb, roles],
    )
    allowed = {(role, schema, table) for role, schema, table, yes in rows if yes}
    at_home = {(role, role, table) for role in roles for table in declared(settings.TENANT_APPS)}
    grown_only = {(role, role, table) for role in roles for table in append_only_tables()}
    changes = verb in {"UPDATE", "DELETE"}
    assert grown_only <= at_home
    assert allowed == (at_home - grown_only if changes else at_home if verb in HOME else set())
    assert {schema for _, schema, _, _ in rows} >= {"public", *roles}


@pytest.mark.parametrize("verb", ["USAGE", "SELECT", "UPDATE"])
def test_every_tenants_role_draws_from_its_own_sequences_and_from_no_other(roles, verb):
    rows = granted(
        "SELECT role, schemaname, sequencename,"
        " has_sequence_privilege(role, format('%%I.%%I', schemaname, sequencename), %s)"
        " FROM pg_sequences, unnest(%s::text[]) AS role",
        [verb, roles],
    )
    assert {schema for _, schema, _, _ in rows} >= {"public", *roles}
    assert {(role, schema) for role, schema, _, yes in rows if yes} == (
        {(role, role) for role in roles} if verb in {"USAGE", "SELECT"} else set()
    )


@pytest.mark.parametrize("verb", ["USAGE", "CREATE"])
def test_every_tenants_role_enters_its_own_schema_and_no_other(roles, verb):
    rows = granted(
        "SELECT role, nspname FROM pg_namespace, unnest(%s::text[]) AS role"
        " WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND has_schema_privilege(role, nspname, %s)",
        [roles, verb],
    )
    assert set(rows) == ({(role, role) for role in roles} if verb == "USAGE" else set())


def test_no_function_of_ours_runs_with_its_owners_rights(roles):
    rows = granted(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef"
        " AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)",
        [],
    )
    assert rows == []


def test_a_tenants_role_is_nobodys_member_and_cannot_log_in(roles):
    rows = granted(
        "SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolinherit OR rolbypassrls"
        " OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = pg_roles.oid)"
        " OR has_database_privilege(oid, current_database(), 'CREATE')"
        " OR has_database_privilege(oid, current_database(), 'TEMPORARY')"
        " FROM pg_roles WHERE rolname = ANY(%s)",
        [roles],
    )
    assert sorted(rows) == [(role, False) for role in roles]


def test_functions_of_the_shared_schema_are_out_of_a_tenants_reach(acme):
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        assert cursor.fetchall(), "the queue has functions there"
    with (
        tenant_scope(acme),
        pytest.raises(ProgrammingError, match="permission denied for schema public"),
        transaction.atomic(),
    ):
        connection.cursor().execute("SELECT public.procrastinate_prune_stalled_workers_v1(1)")


def test_a_tenants_role_makes_no_table_that_hides_anothers(acme):
    for statement in ("CREATE TEMPORARY TABLE customers_account ()", "CREATE TABLE more ()"):
        with (
            tenant_scope(acme),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
        ):
            connection.cursor().execute(statement)


def test_a_new_tenants_schema_is_made_by_a_statement_for_each_thing_in_it(db, caplog):
    """Else its migrations are replayed, which takes twice as long: PostgreSQL writes some conditions in other words."""
    assert templates.capture_statements()
    assert "replaying" not in caplog.text
