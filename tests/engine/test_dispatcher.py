"""Times become runs and runs become jobs: each once, whoever looks, whenever, and whatever became of the queue."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from engage_server.engine import dispatcher, due_runs, executor, ledger, reaper
from engage_server.engine.models import Run, Schedule
from engage_server.engine.planning import jitter
from engage_server.engine.schedules import schedules_of, set_schedule, sync_schedules
from engage_server.engine.tasks import compute_tenant
from engage_server.plugin_host import activation
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

MORNING = datetime(2026, 6, 1, 6, tzinfo=UTC)
DAY = date(2026, 6, 30)


def hourly(*tenants: TenantRef, misfire: str = "RUN_ALL", since: datetime = MORNING) -> None:
    """All schedules of the tenants hourly and next due at ``since``; those of others off."""
    with shared_scope():
        Schedule.objects.update(enabled=False)
        Schedule.objects.filter(tenant_id__in=[tenant.id for tenant in tenants]).update(
            enabled=True, cron="0 * * * *", misfire=misfire, next_run_at=since
        )


def times(tenant: TenantRef, plugin: str = "nps") -> list[datetime]:
    with shared_scope():
        runs = Run.objects.filter(tenant_id=tenant.id, plugin=plugin)
        return sorted(runs.values_list("scheduled_for", flat=True))


def jobs() -> Counter[tuple[int, bool, int]]:
    """Queued jobs by tenant, lane and priority."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->>'tenant_id')::int, (args->>'background')::bool, priority FROM procrastinate_jobs"
        )
        return Counter(cursor.fetchall())


def empty_queue() -> None:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def ask(tenant: TenantRef, *, runs: int, priority: Run.Priority, plugin: str = "nps") -> None:
    wanted = [(plugin, MORNING, DAY - timedelta(days=n)) for n in range(runs)]
    assert ledger.request(tenant_id=tenant.id, runs=wanted, priority=priority) == runs


@pytest.mark.parametrize(("misfire", "hours"), [("RUN_ALL", range(7)), ("RUN_ONCE", [6]), ("SKIP", [])])
def test_workers_down_for_six_hours_each_policy_gives_its_number_of_runs(acme, misfire, hours):
    hourly(acme, misfire=misfire)
    back = MORNING + timedelta(hours=6, minutes=20)
    dispatcher.tick(back)
    dispatcher.tick(back + timedelta(minutes=1))
    assert times(acme) == [MORNING + timedelta(hours=hour) for hour in hours]
    assert schedules_of(acme)["nps"].next_run_at == MORNING + timedelta(hours=7)


def test_jitter_moves_the_start_and_not_the_time(acme, globex, settings):
    settings.ENGAGE_SCHEDULE_JITTER_S = 300
    hourly(acme, globex)
    dispatcher.tick(MORNING)
    with shared_scope():
        for run in Run.objects.all():
            assert run.scheduled_for == MORNING
            assert run.not_before == MORNING + jitter(run.tenant_id, spread_s=300)
    assert jitter(acme.id, spread_s=300) != jitter(globex.id, spread_s=300)


def test_two_dispatchers_five_minutes_apart_give_each_time_one_run(committed_tenants):
    acme, globex = committed_tenants
    hourly(acme, globex)
    fast, slow = timedelta(minutes=5), timedelta(minutes=-5)

    def dispatch(skew: timedelta) -> None:
        try:
            for minutes in range(0, 300, 7):
                dispatcher.tick(MORNING + timedelta(minutes=minutes) + skew)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(dispatch, [fast, slow, fast, slow]))
    dispatcher.tick(MORNING + timedelta(hours=5))
    for tenant in committed_tenants:
        for plugin in schedules_of(tenant):
            assert times(tenant, plugin) == [MORNING + timedelta(hours=hour) for hour in range(6)]
    with shared_scope():
        Run.objects.all().delete()
    empty_queue()


def test_a_tick_asks_the_database_for_the_time_and_not_this_machine(acme, monkeypatch):
    with shared_scope():
        now = database_now()
    hourly(acme, since=now + timedelta(minutes=3))
    monkeypatch.setattr("time.time", (now + timedelta(minutes=5)).timestamp)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(minutes=5))
    dispatcher.tick()
    assert times(acme) == []


def test_a_truncated_queue_is_rebuilt_from_the_ledger_in_the_next_round(acme, globex):
    hourly(acme, globex)
    dispatcher.tick(MORNING)
    rung = jobs()
    assert set(rung) == {(acme.id, False, 0), (globex.id, False, 0)}
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    dispatcher.tick(MORNING + timedelta(seconds=5))
    assert jobs() == rung
    for tenant in (acme, globex):
        compute_tenant(tenant.id, background=False)
    with shared_scope():
        assert set(Run.objects.values_list("state", "attempt")) == {("SUCCEEDED", 1)}


def test_a_tenants_jobs_are_as_many_as_its_runs_need_and_never_more_than_the_cap(acme, globex, settings):
    settings.ENGAGE_JOB_RUNS, settings.ENGAGE_TENANT_JOBS = 10, 2
    ask(acme, runs=50, priority=Run.Priority.SCHEDULED)
    ask(globex, runs=5, priority=Run.Priority.SCHEDULED)
    hourly()
    with shared_scope():
        now = database_now()
    for _ in range(3):
        dispatcher.tick(now)
    assert jobs() == {(acme.id, False, 0): 2, (globex.id, False, 0): 1}


def test_scheduled_runs_have_a_lane_of_their_own_before_any_backfill(acme):
    ask(acme, runs=3, priority=Run.Priority.BACKFILL, plugin="nps")
    ask(acme, runs=1, priority=Run.Priority.SCHEDULED, plugin="ces")
    hourly()
    with shared_scope():
        dispatcher.tick(database_now())
    assert jobs() == {(acme.id, False, 0): 1, (acme.id, True, -10): 1}
    compute_tenant(acme.id, background=False)
    with shared_scope():
        assert set(Run.objects.filter(state="SUCCEEDED").values_list("plugin", flat=True)) == {"ces"}


def test_within_a_job_todays_runs_overtake_an_older_backfill(acme):
    ask(acme, runs=3, priority=Run.Priority.BACKFILL, plugin="nps")
    ask(acme, runs=1, priority=Run.Priority.SCHEDULED, plugin="ces")
    executor.execute_due(acme, share=executor.JobQuota(runs=2, seconds=60))
    with shared_scope():
        done = Run.objects.filter(state="SUCCEEDED").order_by("started_at")
        assert list(done.values_list("plugin", "day")) == [("ces", DAY), ("nps", DAY - timedelta(days=2))]


def test_a_job_does_its_share_and_queues_up_behind_the_others(acme, settings):
    settings.ENGAGE_JOB_RUNS = 4
    ask(acme, runs=10, priority=Run.Priority.BACKFILL)
    for left in (6, 2):
        compute_tenant(acme.id)
        assert jobs() == {(acme.id, True, -10): 1}
        empty_queue()
        with shared_scope():
            assert Run.objects.filter(state="PENDING").count() == left
    compute_tenant(acme.id)
    assert jobs() == {}


def test_a_job_whose_share_was_just_enough_does_not_queue_up_again(acme, settings):
    settings.ENGAGE_JOB_RUNS = 4
    ask(acme, runs=4, priority=Run.Priority.BACKFILL)
    compute_tenant(acme.id)
    assert jobs() == {}


def test_a_share_that_is_over_in_time_gives_the_rest_back_untouched(acme):
    ask(acme, runs=10, priority=Run.Priority.BACKFILL)
    executor._work_off(  # no clock is precise enough to end a share between two runs from outside
        acme,
        ledger.claim_due(acme.id, lowest=Run.Priority.BACKFILL, limit=10, needs={}),
        plugins={},
        deadline=0,
    )
    with shared_scope():
        states = Counter(Run.objects.values_list("state", "attempt"))
    assert states == {("SUCCEEDED", 1): 1, ("PENDING", 0): 9}


def test_a_moved_tenant_is_planned_anew_and_no_day_falls_between(globex):
    last = datetime(2026, 6, 30, 7, tzinfo=UTC)  # 03:00 in New York
    with shared_scope():
        Schedule.objects.filter(tenant_id=globex.id).update(
            cron="0 3 * * *", planned_after=last, next_run_at=last + timedelta(days=1)
        )
        Tenant.objects.filter(pk=globex.id).update(timezone="Pacific/Auckland")
    evening = datetime(2026, 7, 1, 2, tzinfo=UTC)
    assert due_runs.replan_moved_tenants() == 5
    dispatcher.tick(evening)
    assert due_runs.replan_moved_tenants() == 0
    with shared_scope():
        run = Run.objects.get(tenant_id=globex.id, plugin="nps")
        schedule = Schedule.objects.get(tenant_id=globex.id, plugin="nps")
    assert (run.scheduled_for, run.day) == (datetime(2026, 6, 30, 15, tzinfo=UTC), date(2026, 6, 30))
    assert (schedule.next_run_at, schedule.timezone) == (
        datetime(2026, 7, 1, 15, tzinfo=UTC),
        "Pacific/Auckland",
    )


def test_a_schedule_that_cannot_be_read_any_more_is_switched_off_and_stops_no_other(acme):
    hourly(acme)
    with shared_scope():
        Schedule.objects.filter(plugin="ces").update(cron="61 * * * *")
    dispatcher.tick(MORNING)
    assert times(acme, "nps") == [MORNING]
    assert not schedules_of(acme)["ces"].enabled


def test_a_plugin_switched_off_and_on_again_owes_nothing_for_the_time_between(acme):
    with tenant_scope(acme):
        activation.disable("nps")
    sync_schedules(acme)
    dispatcher.tick(schedules_of(acme)["nps"].next_run_at + timedelta(days=3))
    assert times(acme) == []
    with tenant_scope(acme):
        activation.enable("nps")
    sync_schedules(acme, now=MORNING)
    schedule = schedules_of(acme)["nps"]
    assert (schedule.enabled, schedule.planned_after) == (True, MORNING)
    assert MORNING < schedule.next_run_at <= MORNING + timedelta(days=1)


def test_cron_and_misfire_policy_are_set_by_command_one_without_the_other(acme, capsys):
    call_command("plugin", "schedule", "nps", "15 4 * * *", tenant="acme")
    call_command("plugin", "schedule", "nps", "--misfire", "SKIP", "--tenant", "acme")
    schedule = schedules_of(acme)["nps"]
    assert (schedule.cron, schedule.misfire) == ("15 4 * * *", "SKIP")
    assert "15 4 * * * (SKIP). Next run:" in capsys.readouterr().out
    assert set_schedule(acme, "nps", cron="0 5 * * *").misfire == "SKIP"


def test_a_dead_workers_job_does_not_keep_the_bell_from_ringing(acme):
    hourly(acme)
    dispatcher.tick(MORNING)
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    assert reaper.remove_dead_jobs() == 1
    assert dispatcher.tick(MORNING) == 1
