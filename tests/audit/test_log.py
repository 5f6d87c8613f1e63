"""The audit log tells who did what, only grows, and shows each change that was made behind its back."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from engage_server.audit import log
from engage_server.audit.actor import acting_as
from engage_server.audit.models import AuditEntry
from engage_server.tenancy.exceptions import NoTenantError
from engage_server.tenancy.scope import tenant_scope

CHANGES = (
    "UPDATE audit_auditentry SET actor = 'somebody else'",
    "DELETE FROM audit_auditentry WHERE position = 3",
    "TRUNCATE audit_auditentry",
)


@pytest.fixture
def told(acme):
    with tenant_scope(acme), acting_as("user:7"):
        for number in range(1, 4):
            log.record("plugin.enabled", subject=f"plugin {number}", details={"version": number})
    return acme


def run(*arguments):
    out = StringIO()
    call_command("audit", *arguments, stdout=out)
    return out.getvalue()


def forge(tenant, statement):
    """As the owner of the table would, who may also silence its trigger."""
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_append_only")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_append_only")


def test_an_entry_tells_who_did_what_to_what(told):
    with tenant_scope(told):
        newest = log.newest(1)[0]
    assert (newest.position, newest.actor, newest.action, newest.subject, newest.details) == (
        3,
        "user:7",
        "plugin.enabled",
        "plugin 3",
        {"version": 3},
    )


def test_a_log_is_its_tenants_alone(told, globex):
    with tenant_scope(globex):
        assert log.newest(10) == []
        log.record("key.created")
        assert log.newest(10)[0].position == 1
        assert log.verify().broken_at is None


def test_nothing_is_recorded_without_a_tenant(db):
    with pytest.raises(NoTenantError):
        log.record("key.created")


def test_a_key_never_gets_into_the_log(acme):
    with tenant_scope(acme):
        entry = log.record("key.created", subject="eng_live_adm_abcdefghijkl_secret_000000")
    assert "secret" not in entry.subject


@pytest.mark.parametrize("role", [None, "none"])
@pytest.mark.parametrize("statement", CHANGES)
def test_neither_the_tenant_nor_the_tables_owner_can_change_an_entry(told, role, statement):
    with (
        tenant_scope(told, role=role),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    with tenant_scope(told):
        assert log.verify().entries == 3


@pytest.mark.one_server  # a cluster silences no trigger
@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_auditentry SET actor = 'user:8' WHERE position = 2", 2),
        ("UPDATE audit_auditentry SET details = '{}' WHERE position = 1", 1),
        ("UPDATE audit_auditentry SET at = at + interval '1 microsecond' WHERE position = 3", 3),
        ("DELETE FROM audit_auditentry WHERE position = 2", 3),
        ("DELETE FROM audit_auditentry WHERE position = 1", 2),
    ],
)
def test_a_forged_entry_is_named(told, statement, broken_at):
    assert "3 entries, unchanged" in run("verify", "--tenant", "acme")
    forge(told, statement)
    with pytest.raises(CommandError, match=f"entry {broken_at} does not fit"):
        run("verify", "--tenant", "acme")


@pytest.mark.one_server  # a cluster silences no trigger
def test_a_head_noted_earlier_shows_that_the_end_was_cut_off(told):
    with tenant_scope(told):
        head = log.verify().head
    assert head in run("verify", "--tenant", "acme", "--head", head)
    forge(told, "DELETE FROM audit_auditentry WHERE position = 3")
    assert "2 entries, unchanged" in run("verify", "--tenant", "acme")
    with pytest.raises(CommandError, match="cut off or rewritten"):
        run("verify", "--tenant", "acme", "--head", head)


def test_entries_are_listed_by_kind_of_action(told):
    with tenant_scope(told):
        log.record("key.revoked", subject="abc")
        assert [entry.action for entry in log.newest(10, action="key.")] == ["key.revoked"]
        assert [entry.position for entry in log.newest(2, before=3)] == [2, 1]
    assert "key.revoked" in run("list", "--tenant", "acme", "--first", "1")


def test_concurrent_writers_make_one_chain(committed_tenants):
    from concurrent.futures import ThreadPoolExecutor

    acme, _ = committed_tenants

    def write(number):
        try:
            with tenant_scope(acme):
                log.record("key.created", subject=str(number))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    with tenant_scope(acme):
        assert log.verify().entries == 20
        assert AuditEntry.objects.count() == 20
