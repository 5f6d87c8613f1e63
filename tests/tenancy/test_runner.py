"""Migrating many tenants: what fails is named, what was done stays done, and a second run does the rest.

A hundred real schemas, made once for this module; each test leaves them as it found them.
"""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.tenancy import catalogue, services, templates
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.migrations_runner import runner
from engage_server.tenancy.migrations_runner.runner import Options, Report, migrate_tenants
from engage_server.tenancy.models import Tenant, TenantMigration
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.backends import other_session
from tests.end_to_end.processes import ROOT, running
from tests.tenancy.fake_migrations import ADD_FIELD, fake_migration

TENANTS = 100
THE_BAD_ONE = "many-037"
PATIENCE = Options(lock_timeout_ms=100, attempts=2)
packages = (f"fake_customers_{number}" for number in count())

UNIQUE_NAMES = """
    migrations.AddConstraint("account", models.UniqueConstraint(fields=["name"], name="fake_unique")),
"""
NEW_TABLE = """
    migrations.CreateModel("Shoe", [("id", models.AutoField(primary_key=True)), ("size", models.IntegerField())]),
"""
UNDO = """
    DROP TABLE IF EXISTS customers_shoe;
    ALTER TABLE customers_account DROP COLUMN IF EXISTS shoe_size, DROP CONSTRAINT IF EXISTS fake_unique;
    DELETE FROM customers_account;
    DELETE FROM django_migrations WHERE name = '9999_fake'
"""
PYTHON_STEP = """
    def shout(apps, editor):
        for account in apps.get_model("customers", "Account").objects.all():
            account.name = account.name.upper()
            account.save()
"""


@pytest.fixture(scope="module")
def hundred(django_db_setup, django_db_blocker) -> Iterator[list[TenantRef]]:
    with django_db_blocker.unblock():
        made = [
            services.create_tenant(
                slug=f"many-{number:03}", name="Many", domain=f"many-{number:03}.localhost", timezone="UTC"
            )
            for number in range(TENANTS)
        ]
        yield made
        for tenant in made:
            services.delete_tenant(tenant.slug)


@pytest.fixture
def db() -> None:
    """In place of pytest-django's: it is asked for the test database, not for a transaction around the test."""


@pytest.fixture
def tenants(db, hundred) -> Iterator[list[TenantRef]]:
    """The hundred; afterwards the fake migration is undone wherever it was done."""
    digest = schema_digest()
    yield hundred
    for tenant in hundred:
        execute(tenant, UNDO)
    with shared_scope():
        Tenant.objects.filter(pk__in=[tenant.id for tenant in hundred]).update(schema_digest=digest)
        TenantMigration.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_fake'")


def execute(tenant: TenantRef, statement: str) -> list[tuple]:
    """Rows, if any, of a statement on the tenant's tables."""
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def columns(tenant: TenantRef) -> set[str]:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
            [tenant.schema, "customers_account"],
        )
        return {name for (name,) in cursor.fetchall()}


def migrated(tenants: list[TenantRef]) -> set[str]:
    """Slugs of those that have the fake migration, by their own record; digest and catalogue must agree."""
    done = set()
    for tenant in tenants:
        recorded = bool(execute(tenant, "SELECT 1 FROM django_migrations WHERE name = '9999_fake'"))
        with shared_scope():
            assert (Tenant.objects.get(pk=tenant.id).schema_digest == schema_digest()) == recorded
        if recorded:
            done.add(tenant.slug)
    return done


def states() -> dict[str, str]:
    with shared_scope():
        return dict(TenantMigration.objects.values_list("tenant__slug", "state"))


def reading(tenant: TenantRef) -> psycopg.Connection:
    """A session of somebody who has read the tenant's accounts and not ended the transaction: the lock stays."""
    session = other_session()
    session.execute("SELECT set_config('search_path', %s, false)", [tenant.schema])
    session.execute("SELECT 1 FROM customers_account")
    return session


def with_bad_data(tenants: list[TenantRef]) -> TenantRef:
    bad = next(tenant for tenant in tenants if tenant.slug == THE_BAD_ONE)
    insert = """
        INSERT INTO customers_account (external_id, name, plan, stage, traits)
        VALUES ('1', 'twin', '', 'CUSTOMER', '{}'), ('2', '{}', '', 'CUSTOMER', '{}')
    """
    execute(bad, insert.replace("'{}', ''", "'twin', ''"))
    execute(tenants[36], insert.replace("'{}', ''", "'other', ''"))
    return bad


def test_nothing_to_do_costs_one_query(tenants):
    with CaptureQueriesContext(connection) as queries:
        report = migrate_tenants()
    assert report == Report(done=0, failed=(), pending=())
    assert len(queries) == 1


def test_bad_data_of_one_tenant_stops_no_other_and_the_next_run_does_the_rest(tenants, tmp_path):
    bad = with_bad_data(tenants)
    with fake_migration(tmp_path, package=next(packages), operations=UNIQUE_NAMES):
        report = migrate_tenants()
        assert [outcome.slug for outcome in report.failed] == [THE_BAD_ONE]
        assert "customers.9999_fake" in report.failed[0].error
        assert "twin" in report.failed[0].error
        assert (report.done, report.pending) == (TENANTS - 1, ())
        assert migrated(tenants) == {tenant.slug for tenant in tenants} - {THE_BAD_ONE}
        assert states()[THE_BAD_ONE] == "FAILED"
        execute(bad, "UPDATE customers_account SET name = external_id")
        assert migrate_tenants() == Report(done=1, failed=(), pending=())
        assert len(migrated(tenants)) == TENANTS
        assert set(states().values()) == {"DONE"}


def test_a_lock_that_is_held_fails_its_tenant_alone_and_quickly(tenants, tmp_path):
    held = tenants[37]
    with fake_migration(tmp_path, package=next(packages), operations=ADD_FIELD):
        with reading(held):
            report = migrate_tenants(PATIENCE)
        assert [outcome.slug for outcome in report.failed] == [held.slug]
        assert "lock timeout" in report.failed[0].error
        with shared_scope():
            assert TenantMigration.objects.get(tenant_id=held.id).attempts == PATIENCE.attempts
        assert migrate_tenants() == Report(done=1, failed=(), pending=())
        assert all("shoe_size" in columns(tenant) for tenant in tenants)


def test_a_lock_that_is_let_go_in_time_costs_a_second_attempt(tenants, tmp_path, monkeypatch):
    held = tenants[37]
    with fake_migration(tmp_path, package=next(packages), operations=ADD_FIELD), reading(held) as other:
        monkeypatch.setattr(runner, "_pause", lambda attempt: other.rollback())
        report = migrate_tenants(PATIENCE)
    assert report.complete
    with shared_scope():
        assert TenantMigration.objects.get(tenant_id=held.id).attempts == 2


def test_a_canary_that_fails_keeps_all_others_as_they_were(tenants, tmp_path):
    broken = 'migrations.RunSQL("SELECT 1 / 0"),'
    with fake_migration(tmp_path, package=next(packages), operations=ADD_FIELD + broken):
        report = migrate_tenants(Options(canaries=2))
        assert [outcome.slug for outcome in report.failed] == [tenants[0].slug]
        assert "division by zero" in report.failed[0].error
        assert len(report.pending) == TENANTS - 1
        assert migrated(tenants) == set()
        assert "shoe_size" not in columns(tenants[0])


def test_after_so_many_failures_no_more_are_begun(tenants, tmp_path):
    breaks_later = """
        migrations.RunSQL("DO $$ BEGIN IF current_schema() <> '%s' THEN RAISE 'not here'; END IF; END $$"),
    """
    code = breaks_later % tenants[0].schema
    with fake_migration(tmp_path, package=next(packages), operations=code):
        report = migrate_tenants(Options(max_failures=3, workers=2))
        assert report.done == 1
        assert 3 <= len(report.failed) <= 4
        assert len(report.pending) == TENANTS - 1 - len(report.failed)
        assert migrated(tenants) == {tenants[0].slug}


def test_python_in_a_migration_runs_in_each_tenant(tenants, tmp_path):
    with_bad_data(tenants)
    with fake_migration(
        tmp_path,
        package=next(packages),
        operations="migrations.RunPython(shout)," + ADD_FIELD,
        code=PYTHON_STEP,
    ):
        assert migrate_tenants().done == TENANTS
        names = execute(tenants[36], "SELECT name FROM customers_account ORDER BY name")
        assert names == [("OTHER",), ("TWIN",)]
        assert "shoe_size" in columns(tenants[36])


def test_recorded_sql_makes_what_django_makes_and_new_tables_are_the_tenants(tenants, tmp_path):
    with fake_migration(tmp_path, package=next(packages), operations=NEW_TABLE + ADD_FIELD + UNIQUE_NAMES):
        migrate_tenants()
        by_django = catalogue.describe(tenants[0])
        assert any("customers_shoe" in line and "INSERT" in line for line in by_django)
        assert all(catalogue.describe(tenant) == by_django for tenant in tenants[1:])
        assert templates.template_catalogue() == by_django


def test_suspended_and_renamed_tenants_are_migrated_and_keep_their_names(tenants, tmp_path):
    services.set_status("many-005", Tenant.Status.SUSPENDED)
    services.rename_tenant("many-006", new_slug="renamed-006")
    try:
        with fake_migration(tmp_path, package=next(packages), operations=ADD_FIELD):
            assert migrate_tenants().done == TENANTS
            assert services.find_tenant("many-005").status == Tenant.Status.SUSPENDED
            assert services.find_tenant("renamed-006").schema_digest == schema_digest()
    finally:
        services.set_status("many-005", Tenant.Status.ACTIVE)
        services.rename_tenant("renamed-006", new_slug="many-006")


def test_a_schema_whose_record_of_migrations_is_another_is_not_touched(tenants, tmp_path):
    execute(tenants[9], "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'odd', now())")
    try:
        with fake_migration(tmp_path, package=next(packages), operations=ADD_FIELD):
            report = migrate_tenants()
        assert [outcome.slug for outcome in report.failed] == [tenants[9].slug]
        assert "x.odd" in report.failed[0].error
        assert "shoe_size" not in columns(tenants[9])
    finally:
        execute(tenants[9], "DELETE FROM django_migrations WHERE app = 'x'")


def test_two_runs_at_once_migrate_each_tenant_once(tenants, tmp_path):
    with fake_migration(tmp_path, package=next(packages), operations=ADD_FIELD):
        reports: list[Report] = []

        def run() -> None:
            try:
                reports.append(migrate_tenants(Options(workers=2)))
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [report.complete for report in reports] == [True, True]
        assert len(migrated(tenants)) == TENANTS


def test_a_killed_runner_leaves_each_tenant_whole_and_the_next_finishes_the_rest(tenants, tmp_path):
    slow = 'migrations.RunSQL("SELECT pg_sleep(0.05)"),'
    package = next(packages)
    with fake_migration(tmp_path, package=package, operations=ADD_FIELD + slow):
        (tmp_path / "killed_settings.py").write_text(
            "from engage_server.settings.testing import *\n"
            f"DATABASES['default']['NAME'] = {connection.settings_dict['NAME']!r}\n"
            f"MIGRATION_MODULES = {{'customers': {package!r}}}\n"
        )
        path = os.pathsep.join([str(tmp_path), str(ROOT)])
        with running(
            "migrate", "--workers", "2", DJANGO_SETTINGS_MODULE="killed_settings", PYTHONPATH=path
        ) as process:
            wait_for_done(20, process)
            process.kill()
        wait_until_alone()
        done = migrated(tenants)
        assert 20 <= len(done) < TENANTS, "the kill came too late to prove anything"
        assert {tenant.slug for tenant in tenants if "shoe_size" in columns(tenant)} == done
        report = migrate_tenants()
        assert report == Report(done=TENANTS - len(done), failed=(), pending=())
        assert set(states().values()) == {"DONE"}


def wait_for_done(number: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while list(states().values()).count("DONE") < number:
        assert process.poll() is None, "the command ended by itself"
        assert time.monotonic() < deadline, f"only {states()} after {seconds} s"
        time.sleep(0.02)


def wait_until_alone(seconds: float = 20) -> None:
    """Until PostgreSQL has noticed that the killed process is gone."""
    deadline = time.monotonic() + seconds
    with shared_scope(), connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND xact_start IS NOT NULL AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_the_command_names_the_failed_and_ends_with_an_error(tenants, tmp_path, capsys):
    with_bad_data(tenants)
    with fake_migration(tmp_path, package=next(packages), operations=UNIQUE_NAMES):
        with pytest.raises(SystemExit):
            call_command("migrate", check_unapplied=True)
        with pytest.raises(CommandError, match="1 tenants failed and 0 were not reached"):
            call_command("migrate", tenants=["many-001", "many-002", THE_BAD_ONE], workers=1)
        out = capsys.readouterr().out
        assert f"{THE_BAD_ONE}: In the migration customers.9999_fake." in out
        assert migrated(tenants) == {"many-001", "many-002"}
        with pytest.raises(CommandError, match="no tenant nobody"):
            call_command("migrate", tenants=["nobody"])


def test_a_migration_outside_transactions_is_refused(tenants, tmp_path):
    with fake_migration(
        tmp_path,
        package=next(packages),
        operations='migrations.RunSQL("SELECT 1"),',
        attributes="atomic = False",
    ):
        report = migrate_tenants()
    assert "atomic = False" in report.failed[0].error
    assert len(report.pending) == TENANTS - 1
