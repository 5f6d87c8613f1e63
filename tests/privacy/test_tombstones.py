"""Whoever was erased is erased again after a backup from before is restored."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from engage_server.customers.models import Person
from engage_server.ingest.models import QuarantinedItem
from engage_server.suppression.models import SuppressedName
from engage_server.tenancy.export import tables_of
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.privacy.scenario import FIRST, TOKEN, dump_of, send, store, use
from tests.privacy.test_erasure import DEVICE, USER, erase, plant
from tests.privacy.test_suppression import codes, quarantine, suppress

KEPT = ("audit_auditentry", "django_migrations")


def backup(tenant: TenantRef) -> dict[str, bytes]:
    with tenant_scope(tenant), connection.cursor() as cursor:
        found = {}
        for table in tables_of(tenant):
            if table not in KEPT:
                with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as stream:
                    found[table] = b"".join(bytes(block) for block in stream)
    return found


def restore(tenant: TenantRef, tables: dict[str, bytes]) -> None:
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table, rows in tables.items():
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as stream:
                stream.write(rows)
        cursor.execute("SELECT nextval('customers_removal_epoch')")


@pytest.fixture
def restored(acme: TenantRef, globex: TenantRef, tmp_path) -> TenantRef:
    """A backup from before the erasure has been restored, and the list in the database is lost."""
    plant(acme)
    plant(globex)
    tables = backup(acme)
    erase(acme, USER)
    suppress(acme, "bob")
    call_command("privacy", "tombstones", "export", str(tmp_path / "tombstones"))
    restore(acme, tables)
    assert TOKEN in dump_of(acme)
    return acme


def test_what_a_backup_brings_back_of_suppressed_persons_leaves_the_quarantine(acme, globex):
    for tenant in (acme, globex):
        store(tenant, use("b", "bob", FIRST))
        quarantine(tenant, {"userId": "bob"}, {"userId": "unseen"}, {"userId": "eve"})
    for name in ("bob", "unseen"):
        suppress(acme, name)
    call_command("privacy", "tombstones", "replay")
    for tenant, count in ((acme, 1), (globex, 3)):
        with tenant_scope(tenant):
            assert QuarantinedItem.objects.count() == count


@pytest.mark.parametrize("list_is_lost", [True, False])
def test_a_restored_person_is_erased_again(restored, globex, tmp_path, capsys, list_is_lost):
    untouched = dump_of(globex)
    file = [str(tmp_path / "tombstones")] if list_is_lost else []
    if list_is_lost:
        with shared_scope():
            SuppressedName.objects.all().delete()
    call_command("privacy", "tombstones", "replay", *file)
    assert (
        "acme: " + ("4" if list_is_lost else "0") + " entries put back, 3 persons erased"
        in capsys.readouterr().out
    )
    assert TOKEN not in dump_of(restored)
    assert dump_of(globex) == untouched
    assert codes(send(restored, {"type": "track", "event": "E", "anonymousId": DEVICE})) == ["suppressed"]
    with tenant_scope(restored):
        assert Person.objects.get(external_id="bob").is_suppressed
    call_command("privacy", "tombstones", "replay", *file)
    assert "put back" not in capsys.readouterr().out


def test_the_file_names_nobody_and_a_foreign_or_damaged_one_is_refused(restored, tmp_path, settings):
    file = tmp_path / "tombstones"
    text = file.read_text()
    assert len(text.splitlines()) == 5
    assert not [name for name in (TOKEN, "bob") if name in text]
    file.write_text(text + "{")
    with pytest.raises(CommandError, match="is damaged"):
        call_command("privacy", "tombstones", "replay", str(file))
    file.write_text(text)
    settings.ENGAGE_PRIVACY_KEYS = ["another"]
    with pytest.raises(CommandError, match="hashed with the key"):
        call_command("privacy", "tombstones", "replay", str(file))
    with pytest.raises(CommandError, match="No such file"):
        call_command("privacy", "tombstones", "replay", str(tmp_path / "nothing"))
