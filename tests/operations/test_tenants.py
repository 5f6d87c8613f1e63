"""A tenant that moves to another time zone ends up with what it would have had, had it always been there."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.audit import log as audit_log
from engage_server.customers.models import Account
from engage_server.engine import executor, ledger
from engage_server.engine.exceptions import LostLeaseError
from engage_server.engine.models import AffectedDay, Run, Schedule
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.metrics.models import MetricValue
from engage_server.operations import tenants
from engage_server.tenancy import services
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.activity.rollup_snapshot import rollup_snapshot
from tests.privacy.scenario import FIRST, restate, store

DAYS = 4
PLUGINS = ("adoption", "nps")
HOURS = range(0, 24 * DAYS, 5)


def at(hour: int) -> datetime:
    return datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(hours=hour)


def fill(tenant: TenantRef) -> None:
    """Events and answers at all hours of some days, of three people."""
    store(
        tenant,
        *(
            EventItem(
                f"event-{hour}", ("Report exported", "Signed in")[hour % 2], PersonKey(user_id=f"user-{hour % 3}"),
                occurred_at=at(hour), received_at=at(hour),
            )
            for hour in HOURS
        ),
    )  # fmt: skip


def compute(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        ensure_current()
    executor.backfill(
        tenant, plugins=list(PLUGINS), first=FIRST, last=FIRST + timedelta(days=DAYS), progress=lambda *told: None
    )  # fmt: skip
    restate(tenant)


def values_of(tenant: TenantRef) -> list[tuple]:
    with tenant_scope(tenant):
        accounts = dict(Account.objects.values_list("id", "external_id"))
        return sorted(
            (
                row.metric, row.day, row.subject_kind, str(accounts.get(row.subject_id, row.subject_id)), row.value,
                row.status, row.n, row.timezone, row.window_start, row.window_end, str(row.contributions),
            )
            for row in MetricValue.objects.filter(superseded_at=None)
        )  # fmt: skip


@pytest.mark.parametrize(
    ("former", "present"),
    [("Europe/Berlin", "America/New_York"), ("UTC", "Pacific/Kiritimati"), ("Asia/Tokyo", "Asia/Kathmandu")],
)
def test_a_tenant_that_moved_equals_one_that_was_always_there(db, globex, former, present):
    moved = tenants.onboard(slug="moved", name="M", domain="moved.localhost", timezone=former).tenant
    native = tenants.onboard(slug="native", name="N", domain="native.localhost", timezone=present).tenant
    for tenant in (moved, native, globex):
        fill(tenant)
        compute(tenant)
    theirs = values_of(globex)
    call_command("tenant", "set", "moved", timezone=present)
    moved = services.find_tenant("moved").ref
    restate(moved)
    with tenant_scope(moved):
        ensure_current()
        drawn = rollup_snapshot()
        reasons = set(
            MetricValue.objects.filter(revision__gt=1, superseded_at=None).values_list("reason", flat=True)
        )
    with tenant_scope(native):
        assert drawn == rollup_snapshot()
    assert values_of(moved) == values_of(native)
    assert f"time zone {present}" in reasons
    assert values_of(globex) == theirs


def test_schedules_are_planned_anew_and_the_change_is_on_record(acme, globex):
    def next_runs(tenant):
        with shared_scope():
            rows = Schedule.objects.filter(tenant_id=tenant.id, enabled=True).order_by("plugin")
            return list(rows.values_list("plugin", "next_run_at"))

    before = next_runs(globex)
    call_command("tenant", "set", "acme", timezone="Asia/Tokyo", name="Acme KK", cadence="WEEKLY")
    with shared_scope():
        due = Schedule.objects.filter(tenant_id=acme.id, next_run_at__lte=datetime.now(UTC))
        assert due.count() == len(next_runs(acme)) > 0, "the next round plans them again"
    assert next_runs(globex) == before
    tenant = services.find_tenant("acme")
    assert (tenant.name, tenant.timezone, tenant.cadence) == ("Acme KK", "Asia/Tokyo", "WEEKLY")
    with tenant_scope(acme):
        (entry,) = audit_log.newest(1)
    assert (entry.action, entry.details) == (
        "tenant.changed", {"name": "Acme KK", "timezone": "Asia/Tokyo", "cadence": "WEEKLY"},
    )  # fmt: skip


def test_a_run_under_way_in_the_former_zone_writes_nothing(acme, globex):
    claims = {}
    for tenant in (acme, globex):
        run = ledger.open_run(tenant_id=tenant.id, plugin="nps", scheduled_for=at(0), day=FIRST)
        claims[tenant.slug] = ledger.claim(run)
    tenants.change_tenant("acme", timezone="Asia/Tokyo")
    with pytest.raises(LostLeaseError):
        ledger.finish(claims["acme"], values_written=1)
    ledger.finish(claims["globex"], values_written=1)
    with shared_scope():
        assert Run.objects.get(tenant_id=acme.id).state == Run.State.PENDING


def test_a_worker_that_has_not_heard_of_the_move_stores_no_day_of_the_former_calendar(acme):
    fill(acme)
    tenants.change_tenant("acme", timezone="Asia/Tokyo")
    run = ledger.open_run(tenant_id=acme.id, plugin="nps", scheduled_for=at(0), day=FIRST)
    assert executor.execute(acme, ledger.claim(run)) is None
    with shared_scope():
        assert Run.objects.get(pk=run).state == Run.State.PENDING
    moved = services.find_tenant("acme").ref
    assert executor.execute(moved, ledger.claim(run)) is not None
    with tenant_scope(moved):
        assert set(MetricValue.objects.values_list("timezone", flat=True)) == {"Asia/Tokyo"}


def test_what_changes_nothing_restates_nothing(acme):
    tenants.change_tenant("acme", timezone="Europe/Berlin", name="Acme")
    with shared_scope():
        assert not AffectedDay.objects.filter(tenant_id=acme.id).exists()
    tenants.change_tenant("acme", name="Another")
    with shared_scope():
        assert not AffectedDay.objects.filter(tenant_id=acme.id).exists()


@pytest.mark.parametrize("zone", ["localtime", "posix/Europe/Berlin", "right/Europe/Berlin", "Mars/Olympus"])
def test_a_zone_that_is_not_known_to_all_is_refused_and_nothing_changes(acme, zone):
    with pytest.raises(InvalidTenantError, match="is not known to"):
        tenants.change_tenant("acme", timezone=zone, name="Another")
    with pytest.raises(CommandError, match="Remedy: an IANA name"):
        call_command("tenant", "set", "acme", timezone=zone)
    tenant = services.find_tenant("acme")
    assert (tenant.timezone, tenant.name) == ("Europe/Berlin", "Acme")


def test_a_change_of_nothing_is_refused(acme):
    with pytest.raises(CommandError, match="Nothing to change"):
        call_command("tenant", "set", "acme")
