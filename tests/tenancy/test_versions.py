"""Code and database of different releases do not work together by accident: a process that starts says what to do."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.migrations_runner import runner
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.tenancy.fake_migrations import ADD_FIELD, fake_migration

LATER = "INSERT INTO django_migrations (app, name, applied) VALUES ('customers', '9998_of_tomorrow', now())"
STARTS = (["serve"], ["worker"], ["dispatcher"], ["migrate"])


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start[0])
def test_older_code_on_a_newer_database_refuses_to_start_and_writes_nothing(acme, start):
    """As a later release left it: migrations that are not known here, and another digest of the tenants."""
    with shared_scope():
        execute(LATER)
        Tenant.objects.update(schema_digest="of tomorrow")
    with pytest.raises(
        CommandError, match=r"later release than this code.*customers\.9998_of_tomorrow.*Remedy: start"
    ):
        call_command(*start)
    with shared_scope():
        assert Tenant.objects.get().schema_digest == "of tomorrow"


def test_a_tenant_that_a_later_release_migrated_keeps_its_digest(acme, globex):
    with tenant_scope(acme, role="none"):
        execute(LATER)
    with shared_scope():
        Tenant.objects.filter(pk=acme.id).update(schema_digest="of tomorrow")
    report = runner.migrate_tenants()
    assert [(outcome.slug, "later release" in outcome.error) for outcome in report.failed] == [("acme", True)]
    with shared_scope():
        digests = dict(Tenant.objects.values_list("slug", "schema_digest"))
    assert digests == {"acme": "of tomorrow", "globex": schema_digest()}
    with pytest.raises(CommandError, match="start the release that knows this migration"):
        call_command("tenant", "verify", "acme")


@pytest.mark.parametrize("start", STARTS[1:3], ids=lambda start: start[0])
def test_newer_code_on_an_older_database_says_migrate(acme, tmp_path, start):
    with (
        fake_migration(tmp_path, package=f"of_tomorrow_{start[0]}", operations=ADD_FIELD),
        pytest.raises(CommandError, match=r"lacks 1 migrations of this release.*Remedy: `manage.py migrate`"),
    ):
        call_command(*start)


def test_migrations_of_an_app_that_is_not_installed_are_nobodys_business(acme):
    with shared_scope():
        execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('a_plugin_once', '0001_initial', now())"
        )
    call_command("migrate", verbosity=0)
