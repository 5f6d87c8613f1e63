"""Schedules and runs: what is due is found fast, runs cost little, at any number of tenants, and nobody waits for one.

The plugins do nothing, the workers are real processes, each figure is the median of several interleaved rounds.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinateJob

from engage_server.engine import due_runs, executor, ledger
from engage_server.engine.models import Run, Schedule
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import registry
from engage_server.tenancy import services
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.bench import idle_plugins
from tests.bench.harness import Figure, progress

ROOT: Final = Path(__file__).resolve().parents[2]
SCHEDULED_TENANTS: Final = 10_000
DAY: Final = date(2026, 6, 1)
CORES: Final = min(os.cpu_count() or 1, 8)
FEW: Final = 10
AGAIN: Final = 20
OTHERS: Final = 99
SHOW_EVERY_S: Final = 15
DISPATCH_INTERVAL_S: Final = "0.5"
# One schedule in two hundred is due.
MANY_SCHEDULES: Final = """
WITH tenant AS (
    INSERT INTO tenancy_tenant (slug, name, schema_name, timezone, cadence, status, schema_digest, created_at)
    SELECT 'due' || n, 'due', 't_due' || n, 'UTC', 'DAILY', 'ACTIVE', 'none', now()
    FROM generate_series(1, %(tenants)s) n RETURNING id
)
INSERT INTO engine_schedule (tenant_id, plugin, cron, misfire, enabled, timezone, planned_after, next_run_at)
SELECT id, plugin, '0 3 * * *', 'RUN_ALL', true, 'UTC', %(now)s,
    %(now)s + make_interval(secs => CASE WHEN n %% 200 = 0 THEN -n / 200 ELSE n END)
FROM (SELECT id, plugin, row_number() OVER (ORDER BY id, plugin) - 1 AS n
      FROM tenant, unnest(%(plugins)s::text[]) plugin) numbered
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    tenants: int
    days: int
    rounds: int
    greedy_runs: int


FULL: Final = Size(tenants=1_000, days=2, rounds=2, greedy_runs=20_000)
QUICK: Final = Size(tenants=60, days=2, rounds=2, greedy_runs=1_000)


def run(*, quick: bool) -> list[Figure]:
    """The section's figures; quick: of fewer tenants."""
    size = QUICK if quick else FULL
    due_ms = due_query_ms()
    with tempfile.TemporaryDirectory() as directory, idle_plugins.installed(Path(directory)) as path:
        registry.cache_clear()
        try:
            tenants = make_tenants(size.tenants)
            flatness = flatness_ratio(tenants, rounds=size.rounds)
            throughput = runs_per_second(tenants, days=size.days, python_path=path)
            fairness = fairness_ratio(tenants, greedy_runs=size.greedy_runs, python_path=path)
        finally:
            registry.cache_clear()
    return [
        Figure("engine.due_query_ms", due_ms, "ms", 20, "lower"),
        Figure("engine.runs_per_s_per_core", throughput / CORES, "1/s", 150),
        Figure("engine.flatness_1000_vs_10", flatness, "ratio", 1.2, "lower"),
        Figure("engine.fairness_p95_ratio", fairness, "ratio", 2, "lower"),
    ]


def due_query_ms() -> float:
    """Milliseconds to find and lock the 500 schedules that are due among 100,000."""
    with shared_scope(timeout_ms=0):
        now = database_now()
        with connection.cursor() as cursor:
            plugins = list(idle_plugins.IDS)
            cursor.execute(MANY_SCHEDULES, {"tenants": SCHEDULED_TENANTS, "plugins": plugins, "now": now})
            cursor.execute("VACUUM ANALYZE engine_schedule, tenancy_tenant")
        times = []
        for _ in range(20):
            with transaction.atomic():
                begin = time.perf_counter()
                due = due_runs.due_schedules(now)
                times.append(time.perf_counter() - begin)
            assert len(due) == due_runs.BATCH, f"{len(due)} schedules were found due"
        Schedule.objects.all().delete()
        Tenant.objects.all().delete()
    return statistics.median(times) * 1_000


def make_tenants(count: int) -> list[TenantRef]:
    """Tenants with the ten plugins enabled, and schedules that are switched off."""
    refs = []
    for n in range(count):
        if n % 200 == 0:
            progress("engine: tenants made", done=n, of=count)
        tenant = services.create_tenant(
            slug=f"bench{n}", name="bench", domain=f"bench{n}.localhost", timezone="UTC"
        )
        with tenant_scope(tenant):
            PluginSetting.objects.bulk_create(
                PluginSetting(plugin=plugin, version=1, enabled=True) for plugin in idle_plugins.IDS
            )
        refs.append(tenant)
    with shared_scope():
        Schedule.objects.bulk_create(
            Schedule(
                tenant_id=tenant.id, plugin=plugin, cron="0 3 * * *", enabled=False, next_run_at=database_now()
            )
            for tenant in refs
            for plugin in idle_plugins.IDS
        )  # fmt: skip
    return refs


def flatness_ratio(tenants: Sequence[TenantRef], *, rounds: int) -> float:
    """Time of a run when each of all tenants has ten, divided by that when ten tenants have ten, again and again.

    Before, each tenant is computed once, so that the connection knows the tables of all of them.
    """
    for tenant in tenants:
        ask(tenant, days=1, first=DAY - timedelta(days=1), plugins=idle_plugins.IDS[:1])
        executor.execute_due(tenant)
    few, many = [], []
    for number in range(rounds):
        progress("engine: rounds of all tenants against ten", done=number, of=rounds)
        many.append(seconds_per_run(tenants, first=DAY + timedelta(days=number)))
        few.append(
            statistics.fmean(
                seconds_per_run(tenants[:FEW], first=DAY + timedelta(days=1_000 * (number + 1) + again))
                for again in range(min(AGAIN, len(tenants) // FEW))
            )
        )
    return statistics.median(many) / statistics.median(few)


def seconds_per_run(tenants: Sequence[TenantRef], *, first: date) -> float:
    """Open a day's ten runs of each tenant and execute them in this process."""
    for tenant in tenants:
        ask(tenant, days=1, first=first)
    begin = time.perf_counter()
    done = sum(executor.execute_due(tenant).runs for tenant in tenants)
    elapsed = time.perf_counter() - begin
    assert done == len(tenants) * len(idle_plugins.IDS), f"{done} runs were executed"
    return elapsed / done


def runs_per_second(tenants: Sequence[TenantRef], *, days: int, python_path: str) -> float:
    """Runs opened from missed schedules, executed by one worker for each core, and recorded, in a second.

    ``days`` of ten plugins for each tenant: of 1,000 tenants 20,000 runs, which keep the workers busy for about a
    minute. A backlog of 100,000 would show the same rate for five minutes.
    """
    expected = len(tenants) * len(idle_plugins.IDS) * days
    with workers(CORES, python_path=python_path):
        with shared_scope(timeout_ms=0):
            before = succeeded()
            latest = database_now().replace(hour=3, minute=0, second=0, microsecond=0)
            latest -= timedelta(days=latest > database_now())
            Schedule.objects.update(enabled=True, next_run_at=latest - timedelta(days=days - 1))
            begin = database_now()
        shown = time.perf_counter()
        # Seldom, and timed by the ledger: counting takes the processor from those who are measured.
        while (done := succeeded() - before) < expected:
            if time.perf_counter() - shown > SHOW_EVERY_S:
                progress("engine: runs done by workers", done=done, of=expected)
                shown = time.perf_counter()
            time.sleep(2)
        wait_until_idle()
    with shared_scope():
        Schedule.objects.update(enabled=False)
        (end,) = Run.objects.filter(finished_at__gt=begin).aggregate(Max("finished_at")).values()
    assert done == expected, f"{done} runs were opened, {expected} are due"
    return done / (end - begin).total_seconds()


def wait_until_idle() -> None:
    """Until the queue is empty, so that what is measured next waits for nothing of this."""
    with shared_scope():
        while ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).exists():
            time.sleep(0.2)


def fairness_ratio(tenants: Sequence[TenantRef], *, greedy_runs: int, python_path: str) -> float:
    """The others' p95 wait while one tenant has queued thousands of runs, divided by that when it has not."""
    greedy, *others = tenants
    others = (others * OTHERS)[:OTHERS]
    plugins = len(idle_plugins.IDS)
    with workers(CORES, python_path=python_path):
        progress("engine: waits of 99 tenants, without and with a greedy one", done=0, of=2)
        idle = p95_wait(others, first=date(2040, 1, 1))
        ask(greedy, days=greedy_runs // plugins, first=date(2050, 1, 1))
        wait_for(greedy, at_least=greedy_runs // 50)
        progress("engine: waits of 99 tenants, without and with a greedy one", done=1, of=2)
        loaded = p95_wait(others, first=date(2041, 1, 1))
        left = waiting(greedy)
    assert left, "the greedy tenant was done before the others: nothing was measured"
    return loaded / idle


def p95_wait(tenants: Sequence[TenantRef], *, first: date) -> float:
    """Seconds from asking to start, of ten runs of each tenant, exceeded by one in twenty."""
    with shared_scope(), transaction.atomic():
        for tenant in tenants:
            ask(tenant, days=1, first=first)
    mine = Run.objects.filter(day=first)
    with shared_scope():
        while mine.exclude(state=Run.State.SUCCEEDED).exists():
            time.sleep(0.2)
        waits = [(run.started_at - run.not_before).total_seconds() for run in mine if run.started_at]
    return statistics.quantiles(waits, n=20)[-1]


def ask(tenant: TenantRef, *, days: int, first: date, plugins: Sequence[str] = idle_plugins.IDS) -> None:
    """Open runs of the plugins, as urgent as scheduled ones."""
    wanted = [
        (plugin, datetime(2030, 1, 1, tzinfo=UTC), first + timedelta(days=n))
        for n in range(days)
        for plugin in plugins
    ]
    ledger.request(tenant_id=tenant.id, runs=wanted, priority=Run.Priority.SCHEDULED)


def succeeded() -> int:
    """Runs that ended well."""
    with shared_scope():
        return Run.objects.filter(state=Run.State.SUCCEEDED).count()


def waiting(tenant: TenantRef) -> int:
    """A tenant's runs that have not been claimed."""
    with shared_scope():
        return Run.objects.filter(tenant_id=tenant.id, state=Run.State.PENDING).count()


def wait_for(tenant: TenantRef, *, at_least: int) -> None:
    """Until the workers have done this many of a tenant's latest runs."""
    begin = waiting(tenant)
    while begin - waiting(tenant) < at_least:
        time.sleep(0.1)


@contextmanager
def workers(count: int, *, python_path: str) -> Iterator[None]:
    """Worker processes on the benchmark's database; yields when all of them work."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([python_path, str(ROOT)]),
        "ENGAGE_DISPATCH_INTERVAL_S": DISPATCH_INTERVAL_S,
        "ENGAGE_SCHEDULE_JITTER_S": "0",
        "ENGAGE_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "manage.py", "worker"]
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(count)]
    try:
        while _living_workers() < count:
            time.sleep(0.1)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


def _living_workers() -> int:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [settings.ENGAGE_RUN_LEASE_S],
        )
        return int(cursor.fetchone()[0])
