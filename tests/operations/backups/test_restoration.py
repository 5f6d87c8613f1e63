"""One tenant goes back to an earlier state, or comes back after it was deleted; the others notice nothing."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.access.exceptions import AccessError
from engage_server.access.keys import verify_key
from engage_server.access.models import ApiKey, Membership, User
from engage_server.access.principal import Role
from engage_server.audit import log as audit_log
from engage_server.customers.cache_epoch import current_epoch
from engage_server.customers.models import Person
from engage_server.engine import ledger
from engage_server.engine.exceptions import LostLeaseError
from engage_server.engine.models import Run, Schedule
from engage_server.engine.schedules import set_schedule
from engage_server.metrics.models import DayValue, MetricValue
from engage_server.operations import tenants
from engage_server.operations.backups import installation, restoration
from engage_server.operations.backups.archive import open_archive
from engage_server.operations.backups.backup import back_up
from engage_server.operations.exceptions import UnrestorableError
from engage_server.operations.keys import KeyRequest, make_keys, revoke_key
from engage_server.operations.members import list_members
from engage_server.privacy import erasure, requests
from engage_server.suppression.exceptions import SuppressionError
from engage_server.tenancy import services
from engage_server.tenancy.exceptions import NewerDatabaseError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.operations.backups.past import live, restore, rows_of, shared_rows, verdicts
from tests.privacy.scenario import FIRST, dump_of, send, store, use
from tests.privacy.test_suppression import codes
from tests.tenancy.fake_migrations import ADD_FIELD, fake_migration


def erase(tenant, name):
    with tenant_scope(tenant):
        erasure.erase(requests.request_erasure(name).id)


def verify(*slugs):
    """Fails where anything is wrong: schema, rights, zone, ledger, audit log."""
    call_command("tenant", "verify", *slugs)


def test_a_tenant_goes_back_and_the_other_stays(acme, globex, backups):
    live(acme, "ada", "bob")
    live(globex, "ada")
    before, theirs = rows_of(acme), (rows_of(globex), shared_rows(globex.id))
    folder = back_up(backups, slug="acme")
    live(acme, "eve", day=1)
    assert restore(folder, "acme").in_place
    assert rows_of(acme) == before
    assert (rows_of(globex), shared_rows(globex.id)) == theirs
    assert verdicts(acme).keys() == {"EQUAL"}
    verify()
    with tenant_scope(acme):
        assert not Person.objects.filter(external_id="eve").exists()
        assert audit_log.verify().broken_at is None
        assert audit_log.newest(1)[0].action == "tenant.restored"


def test_no_event_of_a_process_that_remembers_goes_to_another_person(acme, globex, backups):
    """Numbers that were given since the backup are given again: to somebody else."""
    live(acme, "ada")
    folder = back_up(backups, slug="acme")
    with tenant_scope(acme):
        known = current_epoch()
    for _ in range(2):
        store(acme, use("m-eve", "eve", FIRST))
        restore(folder, "acme")
        with tenant_scope(acme):
            assert current_epoch() > known
            known = current_epoch()
        store(acme, use("m-mallory", "mallory", FIRST))
        store(acme, use("m-eve-2", "eve", FIRST), use("m-mallory-2", "mallory", FIRST))
        with tenant_scope(acme), connection.cursor() as cursor:
            cursor.execute(
                "SELECT message_id, external_id FROM activity_event JOIN customers_person person ON person.id = person_id"
                " WHERE message_id LIKE 'm-%' ORDER BY 1"
            )
            assert cursor.fetchall() == [
                ("m-eve-2", "eve"),
                ("m-mallory", "mallory"),
                ("m-mallory-2", "mallory"),
            ]


def test_runs_whose_values_are_gone_are_due_again(acme, globex, backups):
    live(acme, "ada")
    with shared_scope():
        Run.objects.filter(tenant_id=acme.id, day=FIRST).update(state=Run.State.RUNNING)
    folder = back_up(backups, slug="acme")
    with shared_scope():
        Run.objects.filter(tenant_id=acme.id, day=FIRST).update(state=Run.State.SUCCEEDED)
        Schedule.objects.filter(tenant_id=acme.id).update(misfire=Schedule.Misfire.SKIP)
    live(acme, "eve", day=10)
    late = FIRST.replace(day=11)
    call_command("compute", tenant="acme", first=late, last=late, plugin=["nps"])
    restored = restore(folder, "acme")
    with shared_scope():
        mine = Run.objects.filter(tenant_id=acme.id)
        assert set(mine.filter(day=FIRST).values_list("state", "lease_until")) == {("PENDING", None)}
        assert list(mine.filter(day=late, plugin="nps").values_list("state", "values_written")) == [
            ("PENDING", None)
        ]
        assert restored.due == mine.filter(day=late).count()
        assert not Run.objects.filter(tenant_id=globex.id, state=Run.State.PENDING).exists()
    verify("acme")


def test_whoever_computes_while_a_tenant_goes_back_writes_nothing(acme, backups):
    folder = back_up(backups, slug="acme")
    claimed = []
    for when in (FIRST, FIRST.replace(day=2)):
        with shared_scope():
            run = Run.objects.create(
                tenant_id=acme.id, plugin="nps", scheduled_for=f"{when}T03:00Z", day=when
            )
        claimed.append(ledger.claim(run.pk))
        if when == FIRST:
            folder = back_up(backups, slug="acme")
    restore(folder, "acme")
    for claim in claimed:
        with pytest.raises(LostLeaseError):
            ledger.finish(claim, values_written=1)


def test_who_may_enter_does_not_go_back(acme, globex, backups):
    key = make_keys(acme, [KeyRequest(ApiKey.Kind.QUERY)])[0]
    folder = back_up(backups, slug="acme")
    revoke_key(acme, key.row.public_id)
    call_command("tenant", "set", "acme", name="Acme & Sons", timezone="Asia/Tokyo")
    call_command("tenant", "domains", "acme", add=["new.acme.example"])
    set_schedule(acme, "nps", cron="5 5 * * *")
    restore(folder, "acme")
    with pytest.raises(AccessError, match="revoked"):
        verify_key(key.text, ApiKey.Kind.QUERY)
    tenant = services.find_tenant("acme")
    assert (tenant.name, tenant.timezone) == ("Acme & Sons", "Europe/Berlin")
    assert services.tenant_of_host("new.acme.example").pk == acme.id
    with shared_scope():
        assert Schedule.objects.get(tenant_id=acme.id, plugin="nps").cron != "5 5 * * *"
        assert Schedule.objects.filter(tenant_id=acme.id).exclude(timezone="Europe/Berlin").count() == 0
    verify("acme")


def test_who_was_erased_since_is_erased_again(acme, globex, backups):
    for tenant in (acme, globex):
        live(tenant, "ada", "plantedtoken-eve")
    theirs = rows_of(globex)
    folder = back_up(backups, slug="acme")
    erase(acme, "plantedtoken-eve")
    assert restore(folder, "acme").erased_again == 1
    assert "plantedtoken" not in dump_of(acme)
    assert codes(send(acme, {"type": "track", "event": "E", "userId": "plantedtoken-eve"})) == ["suppressed"]
    assert rows_of(globex) == theirs


def test_a_deleted_tenant_comes_back_with_all_that_was_its_own(acme, globex, backups, tmp_path):
    live(acme, "ada", "bob")
    call_command("member", "add", "ada@acme.example", "--tenant", "acme", "--role", "owner")
    call_command("limit", "set", "events_per_day", "7", "--tenant", "acme")
    call_command("tenant", "domains", "acme", add=["app.acme.example"])
    key = make_keys(acme, [KeyRequest(ApiKey.Kind.QUERY)])[0]
    erase(acme, "bob")
    before, theirs, shared = rows_of(acme), rows_of(globex), shared_rows(acme.id)
    verified = verdicts(acme)
    folder = back_up(backups)
    tenants.remove("acme", export_dir=tmp_path / "exports")
    services.create_tenant(slug="newcomer", name="N", domain="app.acme.example", timezone="UTC")
    restored = restore(folder, "acme")
    assert not restored.in_place
    assert restored.taken == ["app.acme.example"]
    tenant = services.find_tenant("acme").ref
    assert rows_of(tenant) == before
    assert rows_of(globex) == theirs
    again = shared_rows(tenant.id)
    taken = [row for row in shared["tenancy_domain"] if row not in again["tenancy_domain"]]
    assert [row["domain"] for row in taken] == ["app.acme.example"]
    assert {**again, "tenancy_domain": []} == {**shared, "tenancy_domain": []}
    assert verify_key(key.text, ApiKey.Kind.QUERY).tenant == tenant
    assert [member.role for member in list_members(tenant)] == [Role.OWNER]
    assert verdicts(tenant) == verified
    verify()


def test_who_was_erased_before_the_deletion_stays_erased(acme, globex, backups, tmp_path):
    live(acme, "ada", "plantedtoken-eve")
    folder = back_up(backups)
    erase(acme, "plantedtoken-eve")
    tenants.remove("acme", export_dir=tmp_path / "exports")
    parts = installation.parts_of(open_archive(folder), "acme")
    entries = installation.known_tombstones(parts, exports=tmp_path / "exports", file=None)
    assert restore(folder, "acme", tombstones=entries).erased_again == 1
    tenant = services.find_tenant("acme").ref
    assert "plantedtoken" not in dump_of(tenant)
    assert codes(send(tenant, {"type": "track", "event": "E", "userId": "plantedtoken-eve"})) == [
        "suppressed"
    ]


def test_a_list_of_the_erased_that_nobody_can_read_stops_the_restoration(acme, backups, settings, tmp_path):
    live(acme, "ada", "eve")
    erase(acme, "eve")
    folder = back_up(backups)
    tenants.remove("acme", export_dir=tmp_path / "exports")
    settings.ENGAGE_PRIVACY_KEYS = ["another"]
    with pytest.raises(SuppressionError, match="ENGAGE_PRIVACY_KEYS"):
        restore(folder, "acme")
    assert services.list_tenants() == []


def test_numbers_and_names_that_others_have_here_are_not_taken(acme, globex, backups, tmp_path):
    """As in another installation: tenant, keys, runs and people have other numbers there."""
    live(acme, "ada")
    folder = back_up(backups)
    tenants.remove("acme", export_dir=tmp_path / "exports")
    with shared_scope():
        squatter = Tenant.objects.create(
            id=acme.id, slug="acme", name="Another", schema_name="t_" + "0" * 16, schema_digest=""
        )
        former = {run.pk for run in Run.objects.filter(tenant_id=globex.id)}
    with pytest.raises(UnrestorableError, match=r"--slug and another slug"):
        restore(folder, "acme")
    restored = restore(folder, "acme", as_slug="acme-2")
    tenant = services.find_tenant("acme-2").ref
    assert restored.tenant == tenant
    assert tenant.id != squatter.pk
    with shared_scope():
        runs = set(Run.objects.filter(tenant_id=tenant.id).values_list("pk", flat=True))
        assert former == {run.pk for run in Run.objects.filter(tenant_id=globex.id)}
        squatter.delete()
    with tenant_scope(tenant):
        assert set(MetricValue.objects.values_list("run_id", flat=True)) <= runs
    verify("acme-2")


def test_people_are_told_by_their_address_whatever_numbers_they_have_here(acme, globex, backups, tmp_path):
    addresses = ("ada@acme.example", "bob@acme.example", "cy@acme.example")
    for address in addresses:
        call_command("member", "add", address, "--tenant", "acme", "--role", "admin")
    folder = back_up(backups)
    tenants.remove("acme", export_dir=tmp_path / "exports")
    with shared_scope():
        ada, bob, cy = (User.objects.get(email=address).pk for address in addresses)
        User.objects.filter(pk__in=[ada, bob, cy]).delete()
        User.objects.create(pk=ada, email="stranger@globex.example")
        User.objects.create(pk=7, email=addresses[1])
    actors = restore(folder, "acme").actors
    tenant = services.find_tenant("acme").ref
    with shared_scope():
        members = dict(Membership.objects.filter(tenant=tenant.id).values_list("user__email", "user_id"))
    assert members == {addresses[0]: members[addresses[0]], addresses[1]: 7, addresses[2]: cy}
    assert members[addresses[0]] != ada
    assert actors == {f"user:{ada}": f"user:{members[addresses[0]]}", f"user:{bob}": "user:7"}


def test_a_backup_of_an_earlier_release_is_brought_up_to_date(acme, globex, backups, tmp_path):
    live(acme, "ada")
    folder = back_up(backups, slug="acme")
    with fake_migration(tmp_path, package="restored_forward", operations=ADD_FIELD):
        restore(folder, "acme")
        with tenant_scope(acme, role="none"), connection.cursor() as cursor:
            cursor.execute("SELECT shoe_size FROM customers_account")
        assert services.find_tenant("acme").schema_digest != ""
        verify("acme")


def test_a_backup_of_a_later_release_is_refused(acme, backups, tmp_path):
    with tenant_scope(acme, role="none"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('customers', '9998_later', now())"
        )
    folder = back_up(backups, slug="acme")
    with pytest.raises(NewerDatabaseError, match=r"The backup is of a later release.*customers.9998_later"):
        restore(folder, "acme")


def test_a_restoration_that_fails_leaves_everything_as_it_was(acme, globex, backups, monkeypatch):
    live(acme, "ada")
    folder = back_up(backups, slug="acme")
    live(acme, "eve", day=1)
    before, shared = dump_of(acme), shared_rows(acme.id)

    def die(tenant):
        raise OSError("killed")

    monkeypatch.setattr(restoration, "give_rights", die)
    with pytest.raises(OSError, match="killed"):
        restore(folder, "acme")
    assert (dump_of(acme), shared_rows(acme.id)) == (before, shared)
    verify()


def test_a_schema_that_is_lost_is_restored_in_its_place(acme, globex, backups):
    live(acme, "ada")
    before = rows_of(acme)
    folder = back_up(backups, slug="acme")
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; DROP SCHEMA {acme.schema} CASCADE")
        cursor.execute(f"DROP OWNED BY {acme.schema}; DROP ROLE {acme.schema}")
    assert restore(folder, "acme").in_place
    assert rows_of(acme) == before
    verify()


def test_verify_tells_of_days_that_are_said_to_be_computed_and_are_not(acme, globex, capsys):
    live(acme, "ada")
    with tenant_scope(acme):
        DayValue.objects.filter(day=FIRST).delete()
    with pytest.raises(CommandError, match=r"manage.py compute --tenant acme --plugin"):
        verify()
    out = capsys.readouterr().out
    assert "acme: differs\n  ledger      adoption is said to have computed 1 days that have no values" in out
    assert "globex: as the template" in out
