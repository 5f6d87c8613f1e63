"""From schedule to stored value: once each, in order, under a fencing token."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from engage_server.activity.models import Event, EventName, Feature, Source
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.models import Account, Person, Subscription, SurveyResponse
from engage_server.customers.windows import day_window
from engage_server.engine import dispatcher, executor, ledger, reaper
from engage_server.engine.compute import compute_day
from engage_server.engine.exceptions import LostLeaseError
from engage_server.engine.models import Run, Schedule
from engage_server.engine.tasks import compute_tenant
from engage_server.metrics.models import MetricValue
from engage_server.metrics.writer import write_values
from engage_server.plugin_host import activation, guard
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

DAY = date(2026, 6, 30)


def populate(tenant: TenantRef, *, promoters: int, detractors: int) -> None:
    """One account with two seats, two active persons and some NPS answers on DAY."""
    noon = datetime(2026, 6, 30, 12, tzinfo=UTC)
    with tenant_scope(tenant):
        account = Account.objects.create(external_id="same", name=tenant.slug)
        Subscription.objects.create(
            external_id="s", account=account, seats=4, amount=10, starts_on=date(2026, 1, 1)
        )
        source = Source.objects.create(name="test")
        feature = Feature.objects.create(name="Report exported")
        name = EventName.objects.create(name="Report exported", feature=feature)
        for number in range(2):
            person = Person.objects.create(external_id=f"p{number}")
            Event.objects.create(
                source=source, message_id=f"m{number}", digest=1, name=name, person=person, account=account,
                occurred_at=noon, received_at=noon,
            )  # fmt: skip
        for number in range(promoters + detractors):
            SurveyResponse.objects.create(
                external_id=f"r{number}", instrument="nps", account=account, scale_min=0, scale_max=10,
                score=10 if number < promoters else 0, occurred_at=noon,
            )  # fmt: skip


def values(tenant: TenantRef) -> dict[tuple[str, str], float | None]:
    with tenant_scope(tenant):
        return {
            (row.metric, row.subject_kind): None if row.value is None else float(row.value)
            for row in MetricValue.objects.filter(superseded_at=None, day=DAY)
        }


def backfill(tenant: TenantRef, *plugins: str, day: date = DAY) -> list[int | None]:
    written: list[int | None] = []
    with tenant_scope(tenant):
        chosen = plugins or tuple(activation.active_ids())
    executor.backfill(
        tenant, plugins=chosen, first=day, last=day, progress=lambda plugin, day, count: written.append(count)
    )
    return written


def test_two_tenants_with_the_same_ids_get_their_own_numbers(acme, globex):
    populate(acme, promoters=3, detractors=1)
    populate(globex, promoters=1, detractors=3)
    backfill(acme)
    assert values(globex) == {}
    backfill(globex)
    assert values(acme)["nps.score", "tenant"] == 50
    assert values(globex)["nps.score", "tenant"] == -50
    assert values(acme)["license_utilization.utilization", "account"] == 50


def test_the_health_score_uses_the_same_days_values_of_other_plugins(acme):
    populate(acme, promoters=3, detractors=1)
    backfill(acme)
    with tenant_scope(acme):
        health = MetricValue.objects.get(metric="health_score.score", subject_kind="account")
    assert health.value is not None
    parts = {part["key"]: part for part in health.contributions}
    assert sum(part["points"] or 0 for part in parts.values()) == pytest.approx(float(health.value))


def test_computing_again_writes_nothing_new(acme):
    populate(acme, promoters=3, detractors=1)
    assert sum(backfill(acme)) > 0
    with tenant_scope(acme):
        before = sorted(MetricValue.objects.values_list("pk", "superseded_at"))
    assert backfill(acme) == [0] * 5
    with tenant_scope(acme):
        assert sorted(MetricValue.objects.values_list("pk", "superseded_at")) == before


def test_late_data_appends_a_revision_with_its_reason_and_keeps_the_former(acme):
    populate(acme, promoters=3, detractors=1)
    backfill(acme, "nps")
    with tenant_scope(acme):
        SurveyResponse.objects.create(
            external_id="late", instrument="nps", scale_min=0, scale_max=10, score=0,
            occurred_at=datetime(2026, 6, 30, 13, tzinfo=UTC),
        )  # fmt: skip
    backfill(acme, "nps")
    with tenant_scope(acme):
        first, second = MetricValue.objects.filter(metric="nps.score", subject_kind="tenant").order_by(
            "revision"
        )
    assert (first.revision, float(first.value), first.superseded_at is None) == (1, 50.0, False)
    assert (second.revision, float(second.value), second.superseded_at) == (2, 20.0, None)
    assert second.reason == "data changed"


def test_a_changed_configuration_restates_with_that_reason(acme):
    populate(acme, promoters=3, detractors=1)
    backfill(acme, "nps")
    with tenant_scope(acme):
        activation.configure("nps", {"window_days": 7})
    backfill(acme, "nps")
    with tenant_scope(acme):
        newest = MetricValue.objects.get(metric="nps.score", subject_kind="tenant", superseded_at=None)
    assert newest.reason == "configuration version 2"
    assert (newest.window_end - newest.window_start).days == 7


def test_the_running_day_is_partial(acme):
    populate(acme, promoters=1, detractors=0)
    today = timezone.now().astimezone(acme.zone).date()
    with tenant_scope(acme):
        SurveyResponse.objects.update(occurred_at=timezone.now())
    backfill(acme, "nps", day=today)
    with tenant_scope(acme):
        assert MetricValue.objects.get(metric="nps.score", subject_kind="tenant").status == "PARTIAL"


def test_a_run_whose_lease_was_taken_over_writes_nothing(acme):
    populate(acme, promoters=3, detractors=1)
    run_id = ledger.open_run(tenant_id=acme.id, plugin="nps", scheduled_for=timezone.now(), day=DAY)
    slow = ledger.claim(run_id)
    assert ledger.claim(run_id) is None, "a leased run is not claimed twice"
    with shared_scope():
        Run.objects.filter(pk=run_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reaper.release_expired() == 1
    fast = ledger.claim(run_id)
    assert executor.execute(acme, slow) is None
    assert values(acme) == {}
    assert executor.execute(acme, fast) > 0
    with pytest.raises(LostLeaseError):
        ledger.finish(slow, values_written=0)


def test_a_worker_that_always_dies_is_given_up_with_a_reason(acme):
    run_id = ledger.open_run(tenant_id=acme.id, plugin="nps", scheduled_for=timezone.now(), day=DAY)
    for _ in range(reaper.DEATHS_AT_MOST):
        assert ledger.claim(run_id, again=True) is not None
        with shared_scope():
            Run.objects.filter(pk=run_id).update(lease_until=timezone.now() - timedelta(seconds=1))
        reaper.release_expired()
    with shared_scope():
        run = Run.objects.get(pk=run_id)
    assert (run.state, "died" in run.error) == ("QUARANTINED", True)


def test_a_failing_plugin_is_retried_later_and_costs_nobody_else_a_result(acme, monkeypatch):
    populate(acme, promoters=3, detractors=1)
    original = guard.compute

    def breaking(plugin, request, **options):
        if plugin.id == "nps":
            raise guard.PluginFailedError("The plugin 'nps' raised ZeroDivisionError")
        return original(plugin, request, **options)

    monkeypatch.setattr(guard, "compute", breaking)
    backfill(acme)
    assert ("license_utilization.utilization", "tenant") in values(acme)
    with shared_scope():
        run = Run.objects.get(plugin="nps", tenant_id=acme.id)
    assert (run.state, run.attempt) == ("PENDING", 1)
    assert run.not_before > timezone.now()
    assert "ZeroDivisionError" in run.error


def test_a_due_schedule_becomes_one_run_and_one_job_however_often_it_is_looked_at(acme, globex):
    due = timezone.now() - timedelta(minutes=1)
    with shared_scope():
        Schedule.objects.filter(tenant_id=acme.id).update(next_run_at=due)
    assert dispatcher.tick() == 1
    assert dispatcher.tick() == 0
    with shared_scope():
        assert Run.objects.filter(tenant_id=acme.id).count() == 5
        assert not Run.objects.filter(tenant_id=globex.id).exists()
        assert not Schedule.objects.filter(next_run_at__lte=timezone.now()).exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT task_name, args->>'tenant_id' FROM procrastinate_jobs")
            assert cursor.fetchall() == [("engage.compute_tenant", str(acme.id))]


def test_every_missed_day_gets_a_run(acme):
    with shared_scope():
        schedule = Schedule.objects.get(tenant_id=acme.id, plugin="nps")
        schedule.next_run_at -= timedelta(days=4)
        schedule.save()
    dispatcher.tick(schedule.next_run_at + timedelta(days=3))
    with shared_scope():
        days = sorted(Run.objects.filter(tenant_id=acme.id, plugin="nps").values_list("day", flat=True))
    first = schedule.next_run_at.astimezone(acme.zone).date() - timedelta(days=1)
    assert days == [first + timedelta(days=n) for n in range(4)]


def test_the_job_executes_everything_that_is_due(acme):
    populate(acme, promoters=3, detractors=1)
    with shared_scope():
        Schedule.objects.filter(tenant_id=acme.id).update(next_run_at=timezone.now() - timedelta(minutes=1))
    dispatcher.tick()
    compute_tenant(acme.id)
    with shared_scope():
        assert set(Run.objects.values_list("state", flat=True)) == {"SUCCEEDED"}


def test_a_lost_queue_is_rung_again(acme, settings):
    with shared_scope():
        Schedule.objects.filter(tenant_id=acme.id).update(next_run_at=timezone.now() - timedelta(minutes=1))
    dispatcher.tick()
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert dispatcher.tick(timezone.now() + timedelta(seconds=2 * settings.ENGAGE_RUN_LEASE_S)) == 1


def test_a_suspended_tenant_is_neither_dispatched_nor_executed(acme):
    with shared_scope():
        Schedule.objects.filter(tenant_id=acme.id).update(next_run_at=timezone.now() - timedelta(minutes=1))
        Tenant.objects.filter(pk=acme.id).update(status="SUSPENDED")
    assert dispatcher.tick() == 0
    compute_tenant(acme.id)
    with shared_scope():
        assert not Run.objects.exists()


def test_a_dependent_plugin_waits_for_the_open_run_it_needs(acme):
    populate(acme, promoters=3, detractors=1)
    moment = timezone.now() - timedelta(minutes=1)
    health = ledger.open_run(tenant_id=acme.id, plugin="health_score", scheduled_for=moment, day=DAY)
    nps = ledger.open_run(tenant_id=acme.id, plugin="nps", scheduled_for=moment, day=DAY)
    held = ledger.claim(nps)
    executor.execute_due(acme)
    with shared_scope():
        assert Run.objects.get(pk=health).state == "PENDING"
    executor.execute(acme, held)
    executor.execute_due(acme)
    with shared_scope():
        assert Run.objects.get(pk=health).state == "SUCCEEDED"


def test_computing_is_pure(acme):
    populate(acme, promoters=3, detractors=1)
    with tenant_scope(acme):
        active = activation.active_plugin("nps")
        window = day_window(DAY, acme.timezone)
        with current_rollups():
            assert compute_day(active, window, run_id=1) == compute_day(active, window, run_id=1)


def test_a_value_no_longer_measured_is_superseded_without_a_successor(acme):
    populate(acme, promoters=3, detractors=1)
    backfill(acme, "nps")
    with tenant_scope(acme):
        active = activation.active_plugin("nps")
        with current_rollups():
            computed = compute_day(active, day_window(DAY, acme.timezone), run_id=9)
        tenant_only = [v for v in computed.values if v.measurement.subject.kind == "tenant"]
        write_values(tenant_only, computed.lineage, metrics=computed.metrics)
    assert ("nps.score", "account") not in values(acme)
    assert ("nps.score", "tenant") in values(acme)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"tenant": "nobody"}, "tenant list"),
        ({"tenant": "acme", "plugin": ["nosuch"]}, "Remedy: one of"),
    ],
)
def test_the_command_names_cause_and_remedy(acme, arguments, says):
    with pytest.raises(CommandError, match=says):
        call_command("compute", **arguments)
