"""Making, changing and dropping tenants."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.access.models import ApiKey
from engage_server.customers.models import Account
from engage_server.engine.models import Schedule
from engage_server.operations import tenants
from engage_server.tenancy import services
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.exceptions import InvalidTenantError, UnknownTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.removal import remove_tenant
from engage_server.tenancy.scope import shared_scope, tenant_scope
from engage_server.tenancy.templates import capture_statements


def schemas_and_roles(like: str) -> set[str]:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s"
            " UNION SELECT rolname FROM pg_roles WHERE rolname LIKE %s",
            [like, like],
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("slug", "Acme!", "lower-case"),
        ("slug", 'a"; DROP SCHEMA public', "lower-case"),
        ("domain", "http://acme", "host name"),
        ("timezone", "Mars/Olympus", "IANA"),
        ("timezone", "../etc/passwd", "IANA"),
        ("cadence", "HOURLY", "DAILY"),
    ],
)
def test_malformed_tenants_are_refused_with_a_remedy(db, field, value, says):
    good = {"slug": "acme", "name": "Acme", "domain": "acme.localhost", "timezone": "UTC", "cadence": "DAILY"}
    with pytest.raises(InvalidTenantError, match=says):
        services.create_tenant(**{**good, field: value})


def test_slug_and_domain_belong_to_one_tenant(acme):
    with pytest.raises(InvalidTenantError, match="another slug"):
        services.create_tenant(slug="acme", name="x", domain="other.localhost", timezone="UTC")
    with pytest.raises(InvalidTenantError, match="belongs to a tenant"):
        services.create_tenant(slug="other", name="x", domain="acme.localhost", timezone="UTC")


def test_a_schema_name_owes_nothing_to_the_user(acme):
    assert acme.schema.startswith("t_")
    assert "acme" not in acme.schema


def test_a_schema_made_from_captured_sql_equals_a_migrated_one(acme):
    shape = """
        SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = current_schema() ORDER BY 1, 2
    """
    with tenant_scope(acme), connection.cursor() as cursor:
        cursor.execute(shape)
        onboarded = cursor.fetchall()
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
        recorded = cursor.fetchall()
    assert len(onboarded) > 50
    assert {app for app, _ in recorded} >= {"customers", "activity", "metrics"}
    with shared_scope():
        assert Tenant.objects.get(slug="acme").schema_digest == schema_digest()
    assert len(capture_statements()) > 20


def test_a_tenant_that_cannot_be_made_whole_leaves_nothing(no_spares, monkeypatch):
    made = []

    def fail(tenant, requests):
        made.append(tenant.schema)
        assert schemas_and_roles(tenant.schema) == {tenant.schema}
        raise RuntimeError("no keys today")

    monkeypatch.setattr(tenants, "make_keys", fail)
    with pytest.raises(RuntimeError):
        tenants.onboard(slug="half", name="Half", domain="half.localhost", timezone="UTC")
    assert [schemas_and_roles(schema) for schema in made] == [set()]
    with pytest.raises(UnknownTenantError):
        services.find_tenant("half")


def test_deletion_keeps_an_export_and_drops_everything_of_one_tenant(acme, globex, tmp_path):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            Account.objects.create(external_id="same", name=tenant.slug)
    path = remove_tenant("acme", export_dir=tmp_path)
    assert json.loads((path / "manifest.json").read_text())["rows"]["customers_account"] == 1
    assert schemas_and_roles(acme.schema) == set()
    with shared_scope():
        assert not ApiKey.objects.filter(tenant_id=acme.id).exists()
        assert not Schedule.objects.filter(tenant_id=acme.id).exists()
        assert ApiKey.objects.filter(tenant_id=globex.id).exists()
    with tenant_scope(globex):
        assert Account.objects.get().name == "globex"


def test_the_delete_command_asks_for_the_slug(acme, tmp_path):
    with pytest.raises(CommandError, match="nothing was deleted"):
        call_command("tenant", "delete", "acme", confirm="globex", export_dir=tmp_path)
    assert services.find_tenant("acme").pk == acme.id


def test_the_create_command_prints_three_keys_once(db, capsys):
    call_command(
        "tenant",
        "create",
        "umbrella",
        name="Umbrella",
        domain="umbrella.localhost",
        timezone="Asia/Seoul",
        json=True,
    )
    answer = json.loads(capsys.readouterr().out)
    assert set(answer["keys"]) == {"ingest", "query", "admin"}
    with shared_scope():
        assert ApiKey.objects.filter(tenant__slug="umbrella").count() == 3


def test_renaming_moves_no_schema(acme):
    services.rename_tenant("acme", new_slug="acme-corp", name="Acme Corp", domain="acme-corp.localhost")
    assert services.find_tenant("acme-corp").ref.schema == acme.schema
    assert services.tenant_of_host("acme.localhost").pk == acme.id
    assert services.tenant_of_host("acme-corp.localhost").pk == acme.id
