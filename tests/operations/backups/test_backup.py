"""A backup is whole or is none, is read by its owner alone, and says which file is damaged."""

import json
import stat

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.operations.backups import backup
from engage_server.operations.backups.archive import open_archive
from engage_server.operations.backups.backup import back_up
from engage_server.operations.backups.shared_tables import LEFT_OUT, OF_A_TENANT, OF_PEOPLE, OWNER
from engage_server.operations.exceptions import BackupError, DamagedBackupError, UnrestorableError
from engage_server.tenancy import janitor
from engage_server.tenancy.janitor import Kind
from engage_server.tenancy.scope import shared_scope
from tests.operations.backups.past import live


def shared_models():
    return [
        model
        for app in apps.get_app_configs()
        if app.name in settings.SHARED_APPS
        for model in app.get_models(include_auto_created=True)
    ]


def test_every_shared_table_is_backed_up_or_left_out_with_a_reason():
    taken = {table.name for table in (*OF_A_TENANT, *OF_PEOPLE)}
    assert not taken & LEFT_OUT.keys()
    assert {model._meta.db_table for model in shared_models()} == taken | LEFT_OUT.keys()
    assert all(LEFT_OUT.values())
    owned = {
        model._meta.db_table
        for model in shared_models()
        if any(f.column == OWNER for f in model._meta.fields)
    }
    assert owned == {table.name for table in OF_A_TENANT} | (owned & LEFT_OUT.keys())


def test_every_number_of_another_row_is_given_again():
    tables = {table.name: table for table in (*OF_A_TENANT, *OF_PEOPLE)}
    for model in shared_models():
        if (table := tables.get(model._meta.db_table)) is not None:
            refers = {
                field.column: field.related_model._meta.db_table
                for field in model._meta.fields
                if field.is_relation and field.column != OWNER
            }
            assert refers == dict(table.refers)


def test_a_backup_names_release_time_and_the_digest_of_each_file(acme, globex, backups):
    live(acme, "ada")
    folder = back_up(backups)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {"engage_backup", "release", "taken_at", "digest"} <= manifest.keys()
    assert [part["slug"] for part in manifest["tenants"]] == ["acme", "globex"]
    assert manifest["tenants"][0]["rows"]["activity_event"] == 1
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == manifest["files"].keys() | {"manifest.json"}
    assert open_archive(folder).check() == len(manifest["files"])
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    folders = {
        stat.S_IMODE(path.stat().st_mode) for path in [backups, folder, *folder.rglob("*")] if path.is_dir()
    }
    assert (modes, folders) == ({0o600}, {0o700})


def test_names_of_roles_are_nowhere_in_it(acme, backups):
    folder = back_up(backups, slug="acme")
    archive = open_archive(folder)
    script = archive.read_json(f"tenants/{acme.schema}/schema.json.gz")
    said = " ".join([*script["before"], *script["after"]])
    assert acme.schema not in said
    assert "OWNER" not in said


@pytest.mark.parametrize("damage", ["cut", "changed", "missing", "manifest", "unpacked"])
def test_a_damaged_backup_is_refused_by_the_name_of_the_file(acme, globex, backups, damage):
    folder = back_up(backups)
    victim = folder / (
        "manifest.json" if damage == "manifest" else f"tenants/{acme.schema}/tables/activity_event.copy.gz"
    )
    content = victim.read_bytes()
    if damage == "missing":
        victim.unlink()
    elif damage == "cut":
        victim.write_bytes(content[:-5])
    elif damage == "manifest":
        victim.write_text(victim.read_text().replace('"slug": "acme"', '"slug": "ecma"'))
    else:
        victim.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with pytest.raises(
        DamagedBackupError, match=rf"{victim.name}: .*Nothing was restored.*Remedy: another copy"
    ):
        open_archive(folder).check()
    if damage in {"cut", "missing", "unpacked"}:
        with pytest.raises(DamagedBackupError, match=victim.name):
            list(open_archive(folder).blocks(str(victim.relative_to(folder))))


def test_a_backup_of_another_form_names_the_release_that_reads_it(acme, backups):
    folder = back_up(backups)
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"engage_backup": 1', '"engage_backup": 2'))
    with pytest.raises(UnrestorableError, match="form 2, this release reads 1"):
        open_archive(folder)


def test_a_backup_that_was_not_ended_is_none_and_the_janitor_removes_it(acme, globex, backups, monkeypatch):
    def die(*args):
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(backup, "_write_rows", die)
        with pytest.raises(
            CommandError, match=r"No backup was written: no space left on device. Remedy: see to it"
        ):
            call_command("backup", out=backups)
    (partial,) = backups.iterdir()
    with pytest.raises(DamagedBackupError, match="was not ended"):
        open_archive(partial)
    exports = backups.with_name("exports")
    assert [finding.kind for finding in janitor.fix(exports)] == [Kind.ABANDONED_BACKUP]
    assert list(backups.iterdir()) == []


def test_what_a_backup_does_not_say_stops_it(acme, globex, backups):
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(f"CREATE MATERIALIZED VIEW {acme.schema}.odd AS SELECT 1 AS one")
    with pytest.raises(BackupError, match=r"'acme' holds what a backup does not: .*odd"):
        back_up(backups)
    back_up(backups, slug="globex")


def test_a_tenant_that_is_being_deleted_is_left_out(acme, globex, backups):
    call_command("tenant", "suspend", "globex")
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("UPDATE tenancy_tenant SET status = 'DELETING' WHERE slug = 'acme'")
    folder = back_up(backups)
    assert [part["slug"] for part in open_archive(folder).facts["tenants"]] == ["globex"]
    with pytest.raises(BackupError, match="is being deleted"):
        back_up(backups, slug="acme")
