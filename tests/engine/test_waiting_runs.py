"""Runs that cannot go on are not asked for again and again, and those that met an outage are not to blame for it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone
from psycopg import errors

from engage_server.engine import executor, job_queue, ledger, reaper
from engage_server.engine.models import Run
from engage_server.tenancy.scope import shared_scope
from tests.engine.test_status import run

CES_NEEDS_NPS = {"ces": frozenset({"nps"}), "nps": frozenset()}


def rung() -> int:
    """Jobs queued by one round, which are then done and gone."""
    jobs = job_queue.enqueue_due_tenants(timezone.now())
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    return jobs


def again(made: Run) -> Run:
    with shared_scope():
        return Run.objects.get(pk=made.pk)


def test_what_waits_for_a_resting_plugin_is_not_rung_for_in_every_round(acme, globex, monkeypatch):
    monkeypatch.setattr(executor, "_needs", lambda plugins: CES_NEEDS_NPS)
    resting = run(acme, plugin="nps", minutes_ago=-15)
    blocked = run(acme, plugin="ces", minutes_ago=1)
    foreign = run(globex, plugin="ces", minutes_ago=1)
    assert rung() == 2
    assert executor.execute_due(acme).runs == 0
    assert rung() == 1, "globex alone: what it waits for has not changed"
    assert again(blocked).not_before - timezone.now() <= timedelta(seconds=61), "should it rest no longer"
    assert again(foreign).not_before == foreign.not_before
    with shared_scope():
        Run.objects.filter(pk__in=[blocked.pk, resting.pk]).update(not_before=timezone.now())
    assert rung() == 2


def test_a_run_that_waits_for_one_that_is_due_is_not_postponed(acme):
    run(acme, plugin="nps", minutes_ago=1)
    waiting = run(acme, plugin="ces", minutes_ago=1)
    assert ledger.postpone_blocked(acme.id, needs=CES_NEEDS_NPS) == 0
    assert again(waiting).not_before == waiting.not_before


def database_error(kind: type[Exception] | None) -> Exception:
    if kind is None:
        return OperationalError("server closed the connection unexpectedly")
    error = DatabaseError("x")
    error.__cause__ = kind("x")
    return error


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (errors.DiskFull, False),
        (errors.AdminShutdown, False),
        (errors.CrashShutdown, False),
        (errors.ReadOnlySqlTransaction, False),
        (errors.QueryCanceled, True),
        (errors.DeadlockDetected, True),
        (None, True),
    ],
)
def test_a_run_that_met_an_outage_is_tried_again_without_a_failure_against_it(
    acme, monkeypatch, kind, counts
):
    made = run(acme, minutes_ago=1)
    claimed = ledger.claim(made.pk)

    def fail(*args: object, **options: object) -> None:
        raise database_error(kind)

    monkeypatch.setattr(executor, "compute_day", fail)
    assert executor.execute(acme, claimed) is None
    found = again(made)
    assert (found.state, found.attempt) == ("PENDING", int(counts))
    assert found.not_before > timezone.now()


def test_after_an_outage_the_living_have_a_leases_time_to_report(acme, settings, monkeypatch):
    settings.ENGAGE_RUN_LEASE_S = 20
    monkeypatch.setattr(reaper, "_spares_until", 0.0)
    silent = run(
        acme, state="RUNNING", lease_until=timezone.now() - timedelta(seconds=5), started_at=timezone.now()
    )
    reaper.spare_the_living()
    assert reaper.clear_up() == 0
    assert again(silent).state == "RUNNING"
    monkeypatch.setattr(reaper, "_spares_until", 0.0)
    assert reaper.clear_up() == 1
    assert again(silent).deaths == 1
