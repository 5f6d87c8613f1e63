"""The trial of ``tests.chaos.engine``: processes, kills and what must hold afterwards."""

import os
import random
import statistics
import subprocess
import sys
import time
from typing import Final

from django.db import connection
from rich.console import Console
from rich.table import Table

from engage_server.engine import ledger
from engage_server.engine.models import Run, Schedule
from engage_server.operations.tenants import onboard
from engage_server.plugin_host.activation import active_ids
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.end_to_end.processes import ROOT
from tests.end_to_end.recomputation import (
    assert_each_value_is_there_once_and_clean,
    fill,
    open_runs,
    states,
)

ROLES: Final = ("worker", "worker", "dispatcher")
TENANTS: Final = 4
RUNS_A_KILL: Final = 10
RECOVERY_S: Final = 60.0
STANDSTILL_S: Final = 120.0
ENVIRONMENT: Final = {"ENGAGE_DISPATCH_INTERVAL_S": "1", "ENGAGE_LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT)}

Leases = dict[int, int]
"""Token by run."""


class Crowd:
    """The processes that dispatch and work, each replaced when it dies."""

    def __init__(self) -> None:
        self._processes = [_process(role) for role in ROLES]

    def kill(self, place: int) -> None:
        """SIGKILL one and start another in its place."""
        self._processes[place].kill()
        self._processes[place].wait()
        self._processes[place] = _process(ROLES[place])

    def end(self) -> None:
        """Kill them all."""
        for process in self._processes:
            process.kill()
            process.wait()


def survive(*, kills: int, seed: int, minutes: float) -> None:
    """Kill at random moments, then compare everything; progress and the outcome are printed.

    Kills do not wait for the recovery from the ones before. Processes have the settings that operators begin with,
    save the dispatcher's interval.

    Raises:
        AssertionError: a promise was broken; says which.
    """
    console, chance = Console(), random.Random(seed)
    tenants, total, days, plugins = _prepare(kills)
    console.print(f"{total} runs of {TENANTS} tenants, {kills} kills of {', '.join(ROLES)}; seed {seed}")
    began = time.monotonic()
    crowd = Crowd()
    try:
        recoveries = _kill_while_it_works(
            crowd, kills=kills, total=total, chance=chance, console=console, until=began + 60 * minutes
        )
        _finish(total)
    finally:
        crowd.end()
    for tenant in tenants:
        assert_each_value_is_there_once_and_clean(tenant, plugins=plugins, days=days)
    with shared_scope():
        deaths = sum(Run.objects.values_list("deaths", flat=True))
    table = Table(
        "kills", "runs", "cut in the middle", "lost", "doubled", "median recovery", "slowest", "took"
    )
    times = [f"{statistics.median(recoveries):.1f} s", f"{max(recoveries):.1f} s"]
    minutes = (time.monotonic() - began) / 60
    # Lost and doubled ones would have raised above.
    table.add_row(str(kills), str(total), str(deaths), "0", "0", *times, f"{minutes:.1f} min")
    console.print(table)
    assert max(recoveries) <= RECOVERY_S, f"it took longer than {RECOVERY_S:.0f} s to recover"


def _prepare(kills: int) -> tuple[list[TenantRef], int, int, list[str]]:
    tenants = [
        onboard(slug=f"chaos{n}", name="chaos", domain=f"chaos{n}.localhost", timezone="Europe/Berlin").tenant
        for n in range(TENANTS)
    ]
    with tenant_scope(tenants[0]):
        plugins = sorted(active_ids())
    days = max(10, (kills + 10) * RUNS_A_KILL // (TENANTS * len(plugins)))
    total = 0
    with shared_scope():
        Schedule.objects.update(enabled=False)
    for n, tenant in enumerate(tenants):
        fill(tenant, score=7 + n, days=days)
        total += open_runs(tenant, plugins=plugins, days=days)
    return tenants, total, days, plugins


def _kill_while_it_works(
    crowd: Crowd, *, kills: int, total: int, chance: random.Random, console: Console, until: float
) -> list[float]:
    """Seconds until the leases that were held at each kill were free or done."""
    outstanding: list[tuple[float, Leases]] = []
    recoveries: list[float] = []
    for kill in range(kills):
        goal = (kill + 1) * total // (kills + 10) + chance.randrange(RUNS_A_KILL // 2)
        _watch(goal, outstanding, recoveries, until=until)
        assert states()["SUCCEEDED"] < total, f"all was done after {kill} kills: make the trial larger"
        outstanding.append((time.monotonic(), _leases()))
        place = chance.randrange(len(ROLES))
        crowd.kill(place)
        slowest = max(recoveries, default=0.0)
        told = f"kill {kill + 1}: a {ROLES[place]}; {states()['SUCCEEDED']} runs done"
        console.print(f"{time.strftime('%H:%M:%S')} {told}, slowest recovery {slowest:.1f} s")
    _watch(total, outstanding, recoveries, until=until)
    return recoveries


def _watch(
    goal: int, outstanding: list[tuple[float, Leases]], recoveries: list[float], *, until: float
) -> None:
    """Wait until so many runs succeeded, noting when the leases of earlier kills are gone."""
    changed, before = time.monotonic(), -1
    while (done := (now_in := states())["SUCCEEDED"]) < goal or (done == goal and outstanding):
        if now_in["QUARANTINED"]:
            # By chance a run was hit three times: an operator would open it again.
            ledger.retry()
        leases, now = _leases(), time.monotonic()
        for entry in list(outstanding):
            killed_at, held = entry
            if not any(leases.get(run) == token for run, token in held.items()):
                recoveries.append(now - killed_at)
                outstanding.remove(entry)
        if done != before:
            changed, before = now, done
        assert now < until, f"the time is over: {states()}"
        assert now - changed < STANDSTILL_S, f"nothing moved for {STANDSTILL_S:.0f} s: {states()}"
        time.sleep(0.05)


def _finish(total: int) -> None:
    ended = states()
    assert ended == {"SUCCEEDED": total}, f"not every run ended well: {ended}"


def _leases() -> Leases:
    with shared_scope():
        return dict(Run.objects.filter(state=Run.State.RUNNING).values_list("id", "token"))


def _process(role: str) -> subprocess.Popen[bytes]:
    arguments = [role, "--no-dispatch"] if role == "worker" else [role]
    environment = {**os.environ, **ENVIRONMENT, "ENGAGE_DATABASE": str(connection.settings_dict["NAME"])}
    return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment)
