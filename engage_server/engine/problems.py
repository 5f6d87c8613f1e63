"""What is wrong with an installation, in sentences with their remedies; an alert by the metrics says the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engage_server.engine import clock_checks, connections
from engage_server.engine.disk import Disk, read_disk
from engage_server.engine.monitoring import queries
from engage_server.engine.monitoring.queries import ALIVE_S, Backlog, Processes, Work, Workers
from engage_server.tenancy import citus

LATE_S: Final = 900
ROLLUP_LAG_S: Final = 300
# Within ten minutes (engage_server.engine.supervision.LATELY_S): one is an accident.
RESTARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """What is looked at."""

    workers: Workers
    backlog: Backlog
    work: Work
    processes: Processes
    room: connections.Room
    disk: Disk
    nodes: Sequence[citus.Node] = ()


def read_standing() -> Standing:
    """Ask the shared tables, one statement each.

    Raises:
        overview.UNAVAILABLE: the database is away, or was never migrated.
    """
    return Standing(
        workers=queries.workers(),
        backlog=queries.backlog(),
        work=queries.work(),
        processes=queries.processes(),
        room=connections.read_room(),
        disk=read_disk(),
        nodes=citus.nodes(),
    )


def find(standing: Standing) -> Iterator[str]:
    """What is wrong with the processes and their surroundings."""
    yield from _of_workers(standing)
    yield from _of_processes(standing.processes)
    yield from _of_surroundings(standing)


def _of_workers(standing: Standing) -> Iterator[str]:
    due, backfills = standing.backlog.due, standing.work.backfills
    if standing.workers.alive:
        if not standing.processes.compactors:
            yield (
                "Workers are alive, and no compactor of theirs: new events do not reach the roll-ups. "
                "Remedy: restart the worker, and look into its log."
            )
        if standing.backlog.oldest_s > LATE_S:
            yield (
                f"Due: {due}, the oldest for {standing.backlog.oldest_s / 60:.0f} minutes, although a worker is alive. "
                "Remedy: look into its log; start more of them if it has just too much to do."
            )
        return
    waiting = [f"{due} due"] if due else []
    waiting += [f"{backfills} of backfills"] if backfills else []
    if waiting or standing.work.scheduled:
        what = f"Runs that wait: {', '.join(waiting)}" if waiting else "Plugins are scheduled"
        yield f"{what}, and no worker is alive. Remedy: start `manage.py worker`, or `manage.py serve`, which keeps one."


def _of_processes(processes: Processes) -> Iterator[str]:
    if processes.rollup_lag_s > ROLLUP_LAG_S:
        yield (
            f"Roll-ups are {processes.rollup_lag_s / 60:.0f} minutes behind. "
            "Remedy: look into the worker's log for the tenant and the reason."
        )
    if processes.restarts >= RESTARTS:
        yield (
            f"A worker was started again {processes.restarts} times within ten minutes; it ended {processes.last_end}. "
            "Remedy: look into its log."
        )
    if abs(processes.worst_clock_s) >= clock_checks.TOLERATED_S:
        yield f"{clock_checks.describe(processes.worst_clock_s)} Remedy: have both machines set their clocks by NTP."


def _of_surroundings(standing: Standing) -> Iterator[str]:
    for node in standing.nodes:
        if not node.is_up:
            yield (
                f"The node {node.name} of the database is away: its tenants are not served, the others are; no tenant is "
                "made, deleted or migrated. Remedy: start it; what clients hold they send again."
            )
    needed, room = standing.processes.connections + connections.RESERVE, standing.room
    if needed > room.ours:
        yield (
            f"The processes of the last {ALIVE_S} s may hold {needed} connections, {connections.RESERVE} in reserve "
            f"included, and the database leaves them {room.ours}. Remedy: raise max_connections, or lower --threads."
        )
    if standing.disk.is_nearly_full:
        yield (
            f"The disk of the data directory has {standing.disk.free / 1e6:,.0f} MB left. "
            "Remedy: make room; the server goes on by itself."
        )
