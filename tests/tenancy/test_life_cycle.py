"""Spare schemas, verification, exports and the janitor."""

import gzip
import json
import os

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from engage_server.customers.models import Account
from engage_server.operations.tenants import onboard
from engage_server.tenancy import (
    catalogue,
    export,
    janitor,
    removal,
    schemas,
    services,
    spare_schemas,
    templates,
)
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.exceptions import InvalidTenantError, TenantSuspendedError
from engage_server.tenancy.janitor import Kind
from engage_server.tenancy.migrations_runner.recorder import record_migrations
from engage_server.tenancy.models import SpareSchema, Tenant
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.tenancy.fake_migrations import fake_migration


def execute(statement: str) -> None:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(statement)


def spare_names() -> list[str]:
    with shared_scope():
        return list(SpareSchema.objects.values_list("schema_name", flat=True))


def found(directory) -> list[tuple[Kind, str]]:
    return [(finding.kind, finding.name) for finding in janitor.look(directory)]


def test_the_captured_script_makes_exactly_what_the_migrations_make(db):
    migrated = schemas.scratch()
    execute(f"CREATE SCHEMA {migrated.schema}")
    schemas.create_role(migrated)
    with tenant_scope(migrated, role="none"):
        record_migrations()
    schemas.grant_rights(migrated)
    by_migrations = catalogue.describe(migrated)
    assert len(by_migrations) > 200
    assert templates.template_catalogue() == by_migrations


def test_the_captured_script_says_each_thing_once(db):
    script = templates.capture_statements()
    written = "\n".join(script)
    assert sum(line.startswith("CREATE TABLE") for line in script) == 34
    assert "ADD COLUMN" not in written
    assert "TRUNCATE activity" not in written


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("INSERT INTO customers_account (external_id, name, plan, stage, traits) VALUES ('s', 'Search', '', '', '{}')",
         "SELECT name FROM customers_account"),
        ("CREATE VIEW finds AS SELECT 'Search' AS name", "SELECT name FROM finds"),
    ],
)  # fmt: skip
def test_what_a_short_script_cannot_say_is_replayed_as_the_migrations_sent_it(db, tmp_path, statement, left):
    package = f"replayed_{'view' if 'VIEW' in statement else 'rows'}"
    with (
        fake_migration(tmp_path, package=package, operations=f"migrations.RunSQL({statement!r}),"),
        transaction.atomic(),
    ):
        tenant = onboard(slug="replayed", name="R", domain="replayed.localhost", timezone="UTC").tenant
        with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
            cursor.execute(left)
            assert cursor.fetchall() == [("Search",)]
        assert not catalogue.compare(tenant, templates.template_catalogue())


@pytest.mark.parametrize(
    ("damage", "missing", "unexpected"),
    [
        ("ALTER TABLE {}.customers_account DROP COLUMN plan", "column customers_account.plan", ""),
        ("ALTER TABLE {}.customers_account ALTER name TYPE text", "customers_account.name character", "name text"),
        ("ALTER TABLE {}.customers_account ALTER plan SET DEFAULT 'x'", "customers_account.plan", "default 'x'"),
        ("ALTER TABLE {}.customers_account DROP CONSTRAINT customers_account_external_id_key", "UNIQUE (external_id)", ""),
        ("CREATE INDEX odd ON {}.customers_account (plan)", "", "CREATE INDEX odd"),
        ("CREATE TABLE {}.odd (id int)", "", "table odd"),
        ("REVOKE UPDATE ON {0}.customers_account FROM {0}", "right of the tenant's role on customers_account: UPDATE", ""),
        ("GRANT SELECT ON {0}.customers_account TO PUBLIC", "", "right of another role on customers_account"),
    ],
)  # fmt: skip
def test_verification_names_what_differs(acme, capsys, damage, missing, unexpected):
    expected = templates.template_catalogue()
    assert not catalogue.compare(acme, expected)
    execute(damage.format(acme.schema))
    difference = catalogue.compare(acme, expected)
    assert missing in "\n".join(difference.missing)
    assert unexpected in "\n".join(difference.unexpected)
    assert bool(difference.missing) == bool(missing)
    assert bool(difference.unexpected) == bool(unexpected)
    with pytest.raises(CommandError, match="1 of 1 tenants differ"):
        call_command("tenant", "verify", "acme")
    assert "acme: differs" in capsys.readouterr().out


def test_a_spare_schema_becomes_the_next_tenants_and_serves_it(no_spares):
    assert spare_schemas.refill(2) == spare_schemas.Refill(made=2, dropped=0)
    assert spare_schemas.refill(2) == spare_schemas.Refill(made=0, dropped=0)
    ready = spare_names()
    tenant = onboard(slug="quick", name="Quick", domain="quick.localhost", timezone="UTC").tenant
    assert tenant.schema == ready[0]
    assert spare_names() == ready[1:]
    with tenant_scope(tenant):
        Account.objects.create(external_id="a")
    assert not catalogue.compare(tenant, templates.template_catalogue())
    assert spare_schemas.refill(0) == spare_schemas.Refill(made=0, dropped=1)


def test_a_spare_schema_that_lacks_migrations_is_no_tenants(no_spares):
    spare_schemas.refill(1)
    with shared_scope():
        SpareSchema.objects.update(digest="of yesterday")
    stale = spare_names()
    assert (
        onboard(slug="quick", name="Q", domain="quick.localhost", timezone="UTC").tenant.schema not in stale
    )
    assert spare_schemas.refill(1) == spare_schemas.Refill(made=1, dropped=1)
    with shared_scope():
        assert SpareSchema.objects.get().digest == schema_digest()


def test_a_refused_tenant_costs_no_spare_schema(no_spares):
    spare_schemas.refill(1)
    with pytest.raises(InvalidTenantError):
        services.create_tenant(slug="quick", name="Q", domain="not a host", timezone="UTC")
    assert len(spare_names()) == 1


def test_an_export_bears_its_name_only_when_it_is_whole(acme, tmp_path, monkeypatch):
    with tenant_scope(acme):
        Account.objects.create(external_id="a", name='Ä, "quoted"\nand broken')

    def die(*args):
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(export, "_export_table", die)
        with pytest.raises(OSError, match="no space"):
            export.export_tenant(acme, tmp_path)
    (left,) = export.abandoned_exports(tmp_path)
    assert not list(tmp_path.glob("*/manifest.json"))
    path = export.export_tenant(acme, tmp_path)
    assert json.loads((path / "manifest.json").read_text())["rows"]["customers_account"] == 1
    assert "broken" in gzip.decompress((path / "customers_account.csv.gz").read_bytes()).decode()
    assert found(tmp_path) == [(Kind.ABANDONED_EXPORT, left.name)]
    list(janitor.fix(tmp_path))
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_an_export_in_progress_is_not_the_janitors(acme, tmp_path, monkeypatch):
    seen = []

    def look(table, folder):
        seen.extend(janitor.look(tmp_path))
        return 0

    monkeypatch.setattr(export, "_export_table", look)
    export.export_tenant(acme, tmp_path)
    assert seen == []


def test_a_deletion_that_stopped_is_final_and_the_janitor_ends_it(acme, globex, tmp_path, monkeypatch):
    def die(slug):
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(removal, "delete_tenant", die)
        with pytest.raises(OSError, match="killed"):
            removal.remove_tenant("acme", export_dir=tmp_path)
    with pytest.raises(TenantSuspendedError, match="being deleted"):
        services.tenant_ref(acme.id)
    with pytest.raises(InvalidTenantError, match="janitor --fix"):
        services.set_status("acme", Tenant.Status.ACTIVE)
    assert found(tmp_path) == [(Kind.HALF_DELETED, "acme")]
    assert [finding.name for finding in janitor.fix(tmp_path)] == ["acme"]
    assert found(tmp_path) == []
    assert [tenant.slug for tenant in services.list_tenants()] == ["globex"]


def test_the_janitor_drops_what_nobody_has_and_keeps_its_rows(acme, tmp_path):
    orphan, empty, role = schemas.scratch().schema, schemas.scratch().schema, schemas.scratch().schema
    execute(f"CREATE SCHEMA {empty}")
    execute(f"CREATE SCHEMA {orphan}; CREATE TABLE {orphan}.kept AS SELECT 7 AS n; CREATE ROLE {role}")
    expected = {(Kind.ORPHAN_SCHEMA, orphan), (Kind.ORPHAN_SCHEMA, empty), (Kind.ORPHAN_ROLE, role)}
    assert set(found(tmp_path)) == expected
    assert {(finding.kind, finding.name) for finding in janitor.fix(tmp_path)} == expected
    assert list(janitor.fix(tmp_path)) == []
    (kept,) = tmp_path.glob("orphan-*/kept.csv.gz")
    assert gzip.decompress(kept.read_bytes()) == b"n\n7\n"
    with tenant_scope(acme):
        assert not Account.objects.exists()


def test_the_janitor_leaves_other_databases_roles_alone(db, tmp_path):
    role = schemas.scratch().schema
    # A right in a database of the server that is not ours; the suite's own one is another.
    execute(f"CREATE ROLE {role}; GRANT CONNECT ON DATABASE template1 TO {role}")
    assert found(tmp_path) == [(Kind.ORPHAN_ROLE, role)], "a right on a shared object alone holds nothing"
    list(janitor.fix(tmp_path))
    assert found(tmp_path) == []


def test_a_lost_role_is_made_again_with_its_rights(acme, tmp_path):
    execute(f"DROP OWNED BY {acme.schema}; DROP ROLE {acme.schema}")
    assert found(tmp_path) == [(Kind.WITHOUT_ROLE, acme.schema)]
    list(janitor.fix(tmp_path))
    assert not catalogue.compare(acme, templates.template_catalogue())
    with tenant_scope(acme):
        Account.objects.create(external_id="a")


def test_a_lost_schema_is_reported_and_left_to_a_person(acme, tmp_path, capsys):
    execute(f"DROP SCHEMA {acme.schema} CASCADE")
    assert list(janitor.fix(tmp_path)) == []
    with pytest.raises(CommandError, match="1 things are out of order"):
        call_command("tenant", "janitor", fix=True, export_dir=tmp_path)
    assert "acme: a tenant whose schema is gone" in capsys.readouterr().out
    removal.remove_tenant("acme", export_dir=tmp_path)
    call_command("tenant", "janitor", export_dir=tmp_path)


def test_the_commands_of_the_life_cycle_say_what_they_did(acme, no_spares, tmp_path, capsys, settings):
    settings.ENGAGE_SPARE_SCHEMAS = 1
    call_command("tenant", "spares")
    call_command("tenant", "export", "acme", export_dir=tmp_path)
    call_command("tenant", "verify")
    call_command("tenant", "janitor", export_dir=tmp_path)
    out = capsys.readouterr().out
    assert "made 1, dropped 0" in out
    assert f"Exported to {tmp_path}{os.sep}acme-" in out
    assert "acme: as the template" in out
    assert "Everything is in order." in out
