"""Every table is shared or a tenant's, never both, and the catalogue agrees."""

from typing import Final

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

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
    assert len(declared(settings.TENANT_APPS)) <= 20, "each table costs disk and memory once per tenant"


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


@pytest.mark.parametrize("verb", VERBS)
def test_a_tenants_role_has_rights_at_home_only(acme, globex, verb):
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename, has_table_privilege(%s, format('%%I.%%I', schemaname, tablename), %s)"
            " FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
            [acme.schema, verb],
        )
        rows = cursor.fetchall()
    allowed = {(schema, table) for schema, table, granted in rows if granted}
    at_home = {(acme.schema, table) for table in declared(settings.TENANT_APPS)}
    grown_only = {(acme.schema, table) for table in append_only_tables()}
    changes = verb in {"UPDATE", "DELETE"}
    assert grown_only <= at_home
    assert allowed == (at_home - grown_only if changes else at_home if verb in HOME else set())
    assert {schema for schema, _, _ in rows} >= {"public", acme.schema, globex.schema}
