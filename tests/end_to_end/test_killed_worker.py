"""A worker killed or frozen in the middle of its runs loses nothing and doubles nothing; one that kills workers is put away.

The same with a hundred kills, of dispatchers too: ``make chaos-engine``.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from engage_server.engine import ledger
from engage_server.engine.models import Run
from engage_server.plugin_host.models import PluginSetting
from engage_server.tenancy.clock import in_seconds
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.end_to_end.extra_plugins import announce
from tests.end_to_end.processes import ROOT, running
from tests.end_to_end.recomputation import (
    FIRST,
    assert_each_value_is_there_once_and_clean,
    fill,
    open_runs,
    states,
)

pytestmark = pytest.mark.usefixtures("queue_emptied_afterwards")
DAYS, KILLS = 30, 3
PLUGINS = ("nps", "adoption")
FAST = {"ENGAGE_RUN_LEASE_S": "2", "ENGAGE_DISPATCH_INTERVAL_S": "0.2", "ENGAGE_LOG_LEVEL": "ERROR"}


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"only {states()} after {seconds} s"
        time.sleep(0.02)


def test_each_value_is_there_once_and_equals_a_clean_run(committed_tenants):
    total = DAYS * len(PLUGINS) * len(committed_tenants)
    for number, tenant in enumerate(committed_tenants):
        fill(tenant, score=9 + number, days=DAYS)
        open_runs(tenant, plugins=PLUGINS, days=DAYS)
    for kill in range(KILLS):
        enough = (kill + 1) * total // (KILLS + 2)
        with running("worker", **FAST):
            wait_until(lambda: states()["SUCCEEDED"] >= enough)  # noqa: B023  # called before the next round
    assert states()["SUCCEEDED"] < total, "the last kill came too late to prove anything"
    with running("worker", **FAST):
        wait_until(lambda: states()["SUCCEEDED"] == total)
    for tenant in committed_tenants:
        assert_each_value_is_there_once_and_clean(tenant, plugins=PLUGINS, days=DAYS)


@pytest.mark.parametrize("in_transaction", [False, True])
def test_what_a_frozen_worker_holds_is_done_by_another_and_its_late_results_do_not_count(
    committed_tenants, in_transaction
):
    total = DAYS * len(PLUGINS) * len(committed_tenants)
    for number, tenant in enumerate(committed_tenants):
        fill(tenant, score=9 + number, days=DAYS)
        open_runs(tenant, plugins=PLUGINS, days=DAYS)
    with running("worker", **FAST) as frozen:
        wait_until(lambda: states()["SUCCEEDED"] > 0)
        freeze(frozen, in_transaction=in_transaction)
        with running("worker", **FAST) as other:
            wait_until(lambda: states()["SUCCEEDED"] == total)
            assert other.poll() is None
        os.kill(frozen.pid, signal.SIGCONT)
        # What it does now it does after its late results.
        open_runs(committed_tenants[0], plugins=["ces"], days=DAYS)
        wait_until(lambda: states()["SUCCEEDED"] == total + DAYS)
        assert frozen.poll() is None
    with shared_scope():
        assert sum(Run.objects.values_list("deaths", flat=True)) == 1
    for tenant in committed_tenants:
        plugins = (*PLUGINS, "ces") if tenant == committed_tenants[0] else PLUGINS
        assert_each_value_is_there_once_and_clean(tenant, plugins=plugins, days=DAYS)


def freeze(worker: subprocess.Popen[bytes], *, in_transaction: bool) -> None:
    """Stop the worker while it has a run in hand, in the middle of a transaction or outside of any."""
    for _ in range(2_000):
        os.kill(worker.pid, signal.SIGSTOP)
        time.sleep(0.05)  # what it has asked is answered by then
        with shared_scope(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND state LIKE 'idle in transaction%'"
            )
            is_in_transaction = cursor.fetchone() != (0,)
            in_hand = Run.objects.filter(state=Run.State.RUNNING, started_at__isnull=False).count()
        if in_hand and is_in_transaction == in_transaction:
            return
        os.kill(worker.pid, signal.SIGCONT)
        time.sleep(0.003)
    pytest.fail("the worker was never met in that state")


def test_a_worker_whose_connections_are_cut_goes_on_by_itself(committed_tenants):
    acme, _ = committed_tenants
    fill(acme, score=9, days=DAYS)
    open_runs(acme, plugins=PLUGINS, days=DAYS)
    with running("worker", **FAST) as worker:
        for cut in range(1, 4):
            enough = cut * DAYS // 3
            wait_until(lambda: states()["SUCCEEDED"] >= enough)  # noqa: B023  # called before the next round
            cut_connections()

        def all_done_if_none_waits_for_its_retry() -> bool:
            assert worker.poll() is None, "the worker ended by itself"
            with shared_scope():
                waiting = Run.objects.filter(state=Run.State.PENDING, not_before__gt=in_seconds(1))
                waiting.update(not_before=in_seconds(-1))
            return states()["SUCCEEDED"] == DAYS * len(PLUGINS)

        wait_until(all_done_if_none_waits_for_its_retry, seconds=400)
        assert worker.poll() is None
    assert_each_value_is_there_once_and_clean(acme, plugins=PLUGINS, days=DAYS)


def cut_connections() -> None:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = session_user"
        )


def test_a_run_that_kills_its_workers_is_quarantined_and_the_others_proceed(committed_tenants, tmp_path):
    acme, _ = committed_tenants
    path = announce(tmp_path, {"poison": "tests.end_to_end.poison_plugin"})
    fill(acme, score=9, days=DAYS)
    with tenant_scope(acme):
        PluginSetting.objects.create(plugin="poison", version=1, enabled=True)
    poison = ledger.open_run(
        tenant_id=acme.id, plugin="poison", scheduled_for=datetime(2026, 7, 1, tzinfo=UTC), day=FIRST
    )
    open_runs(acme, plugins=["nps"], days=DAYS)

    def poisoned() -> Run:
        with shared_scope():
            return Run.objects.get(pk=poison)

    for _ in range(3):
        with running("worker", **FAST, PYTHONPATH=f"{path}:{ROOT}") as worker:
            worker.wait(timeout=180)
    with running("worker", **FAST, PYTHONPATH=f"{path}:{ROOT}"):
        wait_until(lambda: states() == {"SUCCEEDED": DAYS, "QUARANTINED": 1})
    assert (poisoned().deaths, "died or hung" in poisoned().error) == (3, True)
