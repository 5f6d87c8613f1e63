"""Failures and deaths are distinguished, what is given up says why, and everything can be opened again."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from engage_server.engine import ledger, reaper
from engage_server.engine.models import Run
from engage_server.tenancy.clock import in_seconds
from engage_server.tenancy.scope import TenantRef, shared_scope

DAY = date(2026, 6, 30)
MOMENT = datetime(2026, 7, 1, 3, tzinfo=UTC)


def ask(tenant: TenantRef, *plugins: str, days: int = 1) -> list[Run]:
    wanted = [(plugin, MOMENT, DAY + timedelta(days=n)) for n in range(days) for plugin in plugins]
    ledger.request(tenant_id=tenant.id, runs=wanted)
    with shared_scope():
        return list(Run.objects.filter(tenant_id=tenant.id).order_by("id"))


def claim(
    tenant: TenantRef, *, limit: int = 10, needs: dict[str, list[str]] | None = None
) -> list[ledger.Claim]:
    return ledger.claim_due(tenant.id, lowest=Run.Priority.BACKFILL, limit=limit, needs=needs or {})


def fresh(run: Run) -> Run:
    with shared_scope():
        return Run.objects.get(pk=run.pk)


def let_worker_die() -> None:
    with shared_scope():
        Run.objects.filter(state="RUNNING").update(lease_until=in_seconds(-1))
    reaper.release_expired()
    with shared_scope():
        Run.objects.update(not_before=in_seconds(-1))


def test_a_run_that_kills_three_workers_is_quarantined_and_those_behind_it_are_not_blamed(acme):
    poison, innocent = ask(acme, "nps", "ces")
    for _ in range(reaper.DEATHS_AT_MOST):
        first, second = claim(acme)
        assert (first.run_id, second.run_id) == (poison.pk, innocent.pk)
        ledger.start(first)
        let_worker_die()
    poison, innocent = fresh(poison), fresh(innocent)
    assert (poison.state, poison.deaths, poison.attempt) == ("QUARANTINED", 3, 3)
    assert "died or hung 3 times" in poison.error
    assert (innocent.state, innocent.deaths, innocent.attempt) == ("PENDING", 0, 0)


def test_a_failure_is_no_death_and_a_death_no_failure(acme):
    (run,) = ask(acme, "nps")
    for _ in range(2):
        ledger.start(claim(acme)[0])
        let_worker_die()
    for failures in range(1, ledger.FAILURES_AT_MOST + 1):
        (claimed,) = claim(acme)
        ledger.start(claimed)
        ledger.fail(claimed, "It divides by zero.")
        state = fresh(run)
        assert state.state == ("FAILED" if failures == ledger.FAILURES_AT_MOST else "PENDING")
        with shared_scope():
            Run.objects.update(not_before=in_seconds(-1))
    assert (state.deaths, state.attempt, state.error) == (2, 7, "It divides by zero.")


def test_the_pause_before_a_retry_doubles_within_its_jitter(acme):
    (run,) = ask(acme, "nps")
    for failure in range(ledger.FAILURES_AT_MOST - 1):
        (claimed,) = claim(acme)
        ledger.start(claimed)
        with shared_scope():
            begin = Run.objects.get(pk=run.pk).started_at
        ledger.fail(claimed, "x")
        pause = (fresh(run).not_before - begin).total_seconds() / (ledger.FIRST_RETRY_S * 2**failure)
        assert 0.75 <= pause < 1.5
        with shared_scope():
            Run.objects.update(not_before=in_seconds(-1))


def test_two_workers_never_get_the_same_run(acme):
    ask(acme, "nps", days=10)
    first, second = claim(acme, limit=6), claim(acme, limit=6)
    assert (len(first), len(second)) == (6, 4)
    assert not {c.run_id for c in first} & {c.run_id for c in second}
    assert [c.day for c in first] == sorted(c.day for c in first)


def test_a_run_waits_for_the_days_run_that_it_needs_and_for_no_other_days(acme):
    ask(acme, "health_score", days=2)
    ledger.request(tenant_id=acme.id, runs=[("nps", MOMENT, DAY)])
    needs = {"health_score": ["nps", "ces"]}
    claimed = claim(acme, needs=needs)
    assert {(c.plugin, c.day) for c in claimed} == {("nps", DAY), ("health_score", DAY + timedelta(days=1))}
    assert claim(acme, needs=needs) == []
    nps = next(c for c in claimed if c.plugin == "nps")
    ledger.finish(nps, values_written=0)
    assert [(c.plugin, c.day) for c in claim(acme, needs=needs)] == [("health_score", DAY)]


def test_asking_again_opens_what_ended_and_leaves_what_is_open(acme):
    done, waiting = ask(acme, "nps", days=2)
    first, *_ = claim(acme, limit=1)
    ledger.finish(first, values_written=0)
    wanted = [("nps", MOMENT, DAY), ("nps", MOMENT, DAY + timedelta(days=1))]
    assert ledger.request(tenant_id=acme.id, runs=wanted) == 1
    assert (fresh(done).state, fresh(done).token > first.token) == ("PENDING", True)
    assert fresh(waiting).token == waiting.token


def test_only_one_tenants_runs_are_claimed(acme, globex):
    ask(acme, "nps")
    ask(globex, "nps")
    assert {c.tenant_id for c in claim(acme)} == {acme.id}
    with shared_scope():
        assert Run.objects.get(tenant_id=globex.id).state == "PENDING"


def test_old_runs_are_pruned_when_they_ended_and_never_before(acme, settings):
    old, recent, open_still = ask(acme, "nps", "ces", "adoption")
    with shared_scope():
        Run.objects.filter(pk=old.pk).update(state="FAILED", finished_at=in_seconds(-86_400 * 31))
        Run.objects.filter(pk=recent.pk).update(state="SUCCEEDED", finished_at=in_seconds(-86_400 * 29))
    settings.ENGAGE_RUN_KEEP_DAYS = 30
    assert reaper.prune() == 1
    with shared_scope():
        assert set(Run.objects.values_list("pk", flat=True)) == {recent.pk, open_still.pk}


def test_the_command_lists_dead_letters_with_their_reason_and_opens_them_again(acme, globex, capsys):
    (run,) = ask(acme, "nps")
    ask(globex, "nps")
    ledger.fail(claim(acme)[0], "It divides by zero.", final=True)
    call_command("run", "list", "--state", "FAILED", "--json")
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["id"], listed["tenant"], listed["error"]) == (run.pk, "acme", "It divides by zero.")
    call_command("run", "retry", "--all", "--tenant", "globex")
    assert fresh(run).state == "FAILED"
    call_command("run", "retry", str(run.pk))
    assert (fresh(run).state, fresh(run).attempt) == ("PENDING", 0)


def test_a_backfill_left_to_the_workers_waits_at_low_priority_and_is_asked_for_once(acme, capsys):
    for opened in (15, 0):
        call_command("compute", "--queue", tenant="acme", first=DAY, last=DAY + timedelta(days=2), plugin=[])
        assert f"{opened} runs" in capsys.readouterr().out
    with shared_scope():
        assert set(Run.objects.values_list("priority", "state")) == {(Run.Priority.BACKFILL, "PENDING")}


@pytest.mark.parametrize("arguments", [[], ["7", "--all"]])
def test_retrying_nothing_in_particular_is_refused(acme, arguments):
    with pytest.raises(CommandError, match="--all"):
        call_command("run", "retry", *arguments)
