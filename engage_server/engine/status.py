"""What an operator wants to know at a glance, and what of it is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from engage_server.engine import away, problems
from engage_server.engine.connections import Room
from engage_server.engine.disk import Disk
from engage_server.engine.monitoring import queries
from engage_server.plugin_host.registry import registry

FAILURE_HOURS: Final = 24
NEXT_RUNS: Final = 5


@dataclass(frozen=True, slots=True)
class Status:
    """How an installation stands. ``problems`` are sentences with their remedies; empty means that all is well.

    ``nodes``: of a Citus cluster, whether each worker answers.
    """

    database: dict[str, Any]
    tenants: dict[str, int]
    workers: queries.Workers
    queue: dict[str, int]
    runs: dict[str, int]
    backlog: queries.Backlog
    work: queries.Work
    processes: queries.Processes
    connections: Room
    disk: Disk
    nodes: Mapping[str, bool]
    failures: list[queries.Failure]
    next_runs: list[queries.NextRun]
    broken_plugins: dict[str, str]
    problems: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The same, in JSON's types."""
        return asdict(self)


def read_status() -> Status:
    """Ask the shared tables and the registry.

    Raises:
        overview.UNAVAILABLE: the database is away, or was never migrated.
    """
    standing = problems.read_standing()
    failures = queries.failures(hours=FAILURE_HOURS)
    broken = dict(registry().broken)
    runs: dict[str, int] = {}
    for count in queries.run_counts(hours=FAILURE_HOURS):
        runs[count.state] = runs.get(count.state, 0) + count.runs
    return Status(
        database=queries.database(),
        tenants=queries.tenants_by_status(),
        workers=standing.workers,
        queue=queries.queue_depth(),
        runs=runs,
        backlog=standing.backlog,
        work=standing.work,
        processes=standing.processes,
        connections=standing.room,
        disk=standing.disk,
        nodes={node.name: node.is_up for node in standing.nodes},
        failures=failures,
        next_runs=queries.next_runs(NEXT_RUNS),
        broken_plugins=broken,
        problems=[
            *problems.find(standing),
            *_of_runs(failed=len(failures), broken=sorted(broken), held=away.held_runs()),
        ],
    )


def _of_runs(*, failed: int, broken: list[str], held: Mapping[str, int]) -> Iterator[str]:
    if failed:
        yield (
            f"Runs that failed for good within {FAILURE_HOURS} h: {failed}. "
            "Remedy: mend the cause, then `manage.py compute` those days."
        )
    if held:
        counted = ", ".join(f"{plugin} ({runs})" for plugin, runs in held.items())
        yield f"Runs wait for plugins that cannot run: {counted}. Remedy: see `manage.py plugin list` of a tenant."
    if broken:
        yield f"Broken plugins: {', '.join(broken)}. Remedy: see `manage.py check`."
