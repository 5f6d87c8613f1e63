"""An operator sees at a glance what is wrong, and a script by the exit code."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from engage_server.engine import disk
from engage_server.engine.connections import Room, read_room
from engage_server.engine.models import Process, Run, Schedule
from engage_server.engine.monitoring import queries
from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.registry import Candidate, build_registry
from engage_server.tenancy import services
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope


def status(*arguments: str) -> tuple[str, int]:
    """What is printed, and the exit code."""
    out = StringIO()
    try:
        call_command("status", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def run(
    tenant: TenantRef, *, plugin: str = "nps", state: str = "PENDING", minutes_ago: float = 0, **fields
) -> Run:
    moment = timezone.now() - timedelta(minutes=minutes_ago)
    with shared_scope():
        return Run.objects.create(
            tenant_id=tenant.id,
            plugin=plugin,
            scheduled_for=moment,
            not_before=moment,
            day=date(2026, 6, 30),
            state=state,
            finished_at=None if state in {"PENDING", "RUNNING"} else moment,
            **fields,
        )


def heartbeat(seconds_ago: float, **process) -> None:
    """A worker that was last heard of so long ago, with what it says of itself."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))",
            [seconds_ago],
        )
        report("WORKER", seconds_ago, **{"compactor_silent_s": 1, "rollup_lag_s": 0, **process})


def report(kind: str, seconds_ago: float, **fields) -> Process:
    with shared_scope():
        return Process.objects.create(
            id=uuid4(), kind=kind, host="here", pid=1,
            seen_at=timezone.now() - timedelta(seconds=seconds_ago),
            **{"connections": 1, "clock_offset_s": 0, **fields},
        )  # fmt: skip


def test_a_sound_installation_ends_with_0(acme, globex):
    services.set_status("globex", Tenant.Status.SUSPENDED)
    heartbeat(5)
    run(acme, state="SUCCEEDED")
    text, code = status()
    assert code == 0
    assert "1 active, 1 suspended" in text
    assert "1 alive" in text
    assert "All is well." in text


def test_due_runs_without_a_worker_end_with_1(acme):
    run(acme, minutes_ago=10)
    text, code = status()
    assert code == 1
    assert "1, the oldest for 0:10:0" in text
    assert "no worker is alive" in text
    heartbeat(5)
    assert status()[1] == 0, "a worker is on it"


def problems_of(text: str) -> str:
    """What stands behind the exclamation marks, on one line."""
    return " ".join(text[text.index("\n! ") :].split()) if "\n! " in text else ""


def test_without_a_worker_status_ends_with_1_as_soon_as_anything_is_scheduled(acme, globex):
    text, code = status()
    assert code == 1
    assert "Plugins are scheduled, and no worker is alive" in problems_of(text)
    for slug in ("acme", "globex"):
        services.set_status(slug, Tenant.Status.SUSPENDED)
    assert status()[1] == 0, "nobody is there for whom to work"


def test_backfills_that_wait_without_a_worker_end_with_1(acme):
    with shared_scope():
        Schedule.objects.update(enabled=False)
    assert status()[1] == 0
    run(acme, priority=Run.Priority.BACKFILL)
    text, code = status()
    assert code == 1
    assert "Runs that wait: 1 of backfills, and no worker is alive" in problems_of(text)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"compactor_silent_s": 3_600}, "no compactor of theirs"),
        ({"compactor_silent_s": None}, "no compactor of theirs"),
        ({"rollup_lag_s": 1_800}, "Roll-ups are 30 minutes behind"),
        ({"clock_offset_s": 45}, "45 s ahead of the database's"),
        ({"clock_offset_s": -45}, "45 s behind the database's"),
        ({"connections": 100_000}, "may hold 100005 connections"),
    ],
)
def test_what_a_process_says_of_itself_and_is_wrong_ends_with_1(acme, said, problem):
    heartbeat(5, **said)
    text, code = status()
    assert (code, problem in problems_of(text)) == (1, True), text


@pytest.mark.parametrize(("restarts", "code"), [(1, 0), (3, 1)])
def test_a_worker_that_is_started_again_and_again_is_told_with_how_it_ended(acme, restarts, code):
    heartbeat(5)
    report("SERVER", 5, restarts=restarts, last_end="by SIGKILL")
    text, ended = status()
    assert ended == code
    assert ("again 3 times within ten minutes; it ended by SIGKILL" in problems_of(text)) == bool(code)


def test_what_ended_processes_said_counts_no_longer(acme):
    heartbeat(5)
    report("WORKER", queries.ALIVE_S + 5, compactor_silent_s=9_999, rollup_lag_s=9_999, clock_offset_s=9_999)
    assert status()[1] == 0


def test_a_run_that_is_late_although_a_worker_is_alive_ends_with_1(acme):
    heartbeat(5)
    run(acme, minutes_ago=14)
    assert status()[1] == 0
    run(acme, plugin="ces", minutes_ago=20)
    text, code = status()
    assert code == 1
    assert "the oldest for 20 minutes" in problems_of(text)


@pytest.mark.parametrize(
    ("free", "total", "code"), [(1.0e9, 100e9, 1), (3.0e9, 1_000e9, 0), (0.3e9, 4e9, 0), (0.1e9, 4e9, 1)]
)
def test_a_disk_that_is_nearly_full_ends_with_1(acme, monkeypatch, free, total, code):
    heartbeat(5)
    monkeypatch.setattr("engage_server.engine.problems.read_disk", lambda: disk.Disk(free, total))
    text, ended = status()
    assert ended == code
    assert ("The disk of the data directory has" in problems_of(text)) == bool(code)


def test_connections_of_other_databases_leave_fewer_to_ours(acme, monkeypatch):
    heartbeat(5, connections=80)
    monkeypatch.setattr(
        "engage_server.engine.problems.connections.read_room", lambda: Room(limit=97, used=90, strangers=20)
    )
    text, code = status()
    assert code == 1
    assert "the database leaves them 77" in problems_of(text)


def test_a_worker_that_fell_silent_is_not_alive(acme):
    heartbeat(queries.ALIVE_S + 30)
    run(acme, minutes_ago=1)
    assert status()[1] == 1
    assert queries.workers().alive == 0


def test_a_schedule_that_nobody_turned_into_a_run_is_due_as_well(acme):
    with shared_scope():
        Schedule.objects.filter(tenant_id=acme.id, plugin="nps").update(
            next_run_at=timezone.now() - timedelta(hours=2)
        )
    backlog = queries.backlog()
    assert backlog.due == 1
    assert 7_200 <= backlog.oldest_s < 7_300


def test_what_waits_for_its_retry_or_belongs_to_a_suspended_tenant_is_not_due(acme, globex):
    run(acme, minutes_ago=-10)
    run(globex, minutes_ago=10)
    services.set_status("globex", Tenant.Status.SUSPENDED)
    assert queries.backlog() == queries.Backlog(due=0, oldest_s=0)


def test_a_failure_is_shown_with_tenant_plugin_and_the_errors_first_line(acme, globex):
    run(acme, state="FAILED", error="The plugin raised [red]ValueError[/].\nTraceback: secret rest")
    run(globex, state="FAILED", minutes_ago=25 * 60, error="yesterday's")
    text, code = status()
    assert code == 1
    assert "ValueError" in text
    assert "secret rest" not in text
    assert "yesterday" not in text
    (failure,) = queries.failures(hours=24)
    assert (failure.tenant, failure.plugin, failure.day) == ("acme", "nps", "2026-06-30")
    assert failure.error == "The plugin raised [red]ValueError[/]."


def test_runs_are_counted_by_plugin_state_and_on_request_by_tenant(acme, globex):
    run(acme, state="RUNNING")
    run(globex, state="RUNNING")
    run(globex, state="SUCCEEDED", minutes_ago=30)
    run(globex, state="SUCCEEDED", minutes_ago=90)
    counts = queries.run_counts(hours=1)
    assert [(c.plugin, c.state, c.tenant, c.runs) for c in counts] == [
        ("nps", "RUNNING", "", 2),
        ("nps", "SUCCEEDED", "", 1),
    ]
    assert {(c.state, c.tenant, c.runs) for c in queries.run_counts(hours=1, by_tenant=True)} == {
        ("RUNNING", "acme", 1),
        ("RUNNING", "globex", 1),
        ("SUCCEEDED", "globex", 1),
    }


def test_next_runs_come_in_order_and_without_suspended_tenants(acme, globex):
    moment = datetime(2031, 1, 1, tzinfo=UTC)
    with shared_scope():
        Schedule.objects.filter(tenant_id=globex.id).update(next_run_at=moment - timedelta(days=9 * 365))
        Schedule.objects.filter(tenant_id=acme.id).update(next_run_at=moment)
        Schedule.objects.filter(tenant_id=acme.id, plugin="nps").update(
            next_run_at=moment - timedelta(hours=1)
        )
    services.set_status("globex", Tenant.Status.SUSPENDED)
    coming = queries.next_runs(3)
    assert coming[0] == queries.NextRun("acme", "nps", "2030-12-31T23:00+00:00")
    assert {run.tenant for run in coming} == {"acme"}


def test_a_broken_plugin_is_named_and_ends_with_1(acme, monkeypatch):
    def load() -> object:
        raise ImportError("its library is missing")

    broken = build_registry([Candidate("odd", "odd-metrics", "1.0", load)])
    monkeypatch.setattr("engage_server.engine.status.registry", lambda: broken)
    text, code = status()
    assert code == 1
    assert "odd" in text
    assert "its library" in " ".join(text.split())


def test_json_says_the_same(acme):
    heartbeat(5)
    run(acme, state="FAILED", error="It broke.")
    text, code = status("--json")
    shown = json.loads(text)
    assert code == 1
    assert shown["tenants"] == {"ACTIVE": 1}
    assert shown["workers"]["alive"] == 1
    assert shown["runs"] == {"FAILED": 1}
    assert shown["failures"] == [
        {"tenant": "acme", "plugin": "nps", "day": "2026-06-30", "error": "It broke."}
    ]
    assert shown["broken_plugins"] == dict(plugin_registry.registry().broken)
    assert len(shown["problems"]) == 1
    assert shown["processes"]["compactors"] == 1
    assert shown["connections"]["limit"] > shown["connections"]["used"] > 0
    assert shown["disk"]["total"] > shown["disk"]["free"] > 0


def test_no_line_is_wider_than_80_columns(acme):
    for number in range(15):
        run(
            acme,
            plugin="a_plugin_with_a_long_name",
            state="FAILED",
            minutes_ago=number,
            error="long words " * 40,
        )
    text, _ = status()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "(10 of 15)" in text


@pytest.mark.parametrize(
    "ask",
    [
        queries.workers,
        queries.backlog,
        queries.work,
        queries.processes,
        read_room,
        queries.queue_depth,
        queries.tenants_by_status,
        lambda: queries.run_counts(hours=1),
        lambda: queries.failures(hours=24),
        lambda: queries.next_runs(5),
        queries.database,
    ],
)
def test_each_question_is_one_statement_however_many_tenants(acme, globex, django_assert_num_queries, ask):
    with django_assert_num_queries(1):
        ask()
