"""Rights that a dump does not bring along, or a hand has changed, are noticed and put right."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.customers.models import Account
from engage_server.tenancy import janitor, walls
from engage_server.tenancy.janitor import Kind
from engage_server.tenancy.scope import shared_scope, tenant_scope


def execute(statement: str) -> None:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(statement)


def in_database(statement: str) -> str:
    return f"DO $$ BEGIN EXECUTE format('{statement}', current_database()); END $$"


@pytest.fixture
def two(acme, globex):
    """The damaged one first."""
    return acme, globex


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (in_database("GRANT TEMPORARY ON DATABASE %I TO PUBLIC"),
         ("every role has TEMPORARY on the database", Kind.OPEN_WALLS)),
        ("GRANT USAGE ON SCHEMA public TO PUBLIC",
         ("every role has USAGE on the schema public", Kind.OPEN_WALLS)),
        ("REVOKE USAGE ON SCHEMA {0} FROM {0}",
         ("the role lacks USAGE on its schema", Kind.WITHOUT_RIGHTS)),
        ("REVOKE SELECT ON ALL TABLES IN SCHEMA {0} FROM {0}",
         ("right of the tenant's role on customers_account: SELECT", Kind.WITHOUT_RIGHTS)),
        ("REVOKE USAGE ON ALL SEQUENCES IN SCHEMA {0} FROM {0}",
         ("customers_account_id_seq: USAGE", Kind.WITHOUT_RIGHTS)),
        ("DROP OWNED BY {0}; DROP ROLE {0}", ("the role is gone", Kind.WITHOUT_ROLE)),
    ],
)  # fmt: skip
def test_lost_rights_are_noticed_and_the_janitor_gives_them_back(two, tmp_path, capsys, damage, fault):
    says, kind = fault
    acme = two[0]
    call_command("tenant", "verify")
    execute(damage.format(acme.schema) if "{0}" in damage else damage)
    with pytest.raises(CommandError, match="janitor --fix"):
        call_command("tenant", "verify")
    out = capsys.readouterr().out
    assert says in out
    assert "globex: as the template" in out
    assert kind in {finding.kind for finding in janitor.fix(tmp_path / "exports")}
    call_command("tenant", "verify")
    assert janitor.look(tmp_path / "exports") == []
    with tenant_scope(acme):
        Account.objects.create(external_id="a")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("GRANT USAGE ON SCHEMA {globex} TO {acme}", "the role enters the schema {globex}"),
        ("GRANT {globex} TO {acme}", "the role is a member of {globex}"),
        ("ALTER ROLE {acme} LOGIN", "the role may log in"),
        ("GRANT CREATE ON SCHEMA {acme} TO {acme}", "the role may make things in its schema"),
        ("GRANT USAGE ON SCHEMA {acme} TO PUBLIC", "every role enters the schema"),
    ],
)
def test_rights_too_many_are_named(acme, globex, damage, says):
    names = {"acme": acme.schema, "globex": globex.schema}
    assert walls.faults_of(acme) == []
    execute(damage.format(**names))
    assert says.format(**names) in " ".join(walls.faults_of(acme))
