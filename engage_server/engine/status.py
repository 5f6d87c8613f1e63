"""What an operator wants to know at a glance, and what of it is wrong."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from engage_server.engine import overview
from engage_server.plugin_host.registry import registry

FAILURE_HOURS: Final = 24
NEXT_RUNS: Final = 5


@dataclass(frozen=True, slots=True)
class Status:
    """How an installation stands. ``problems`` are sentences with their remedies; empty means that all is well."""

    database: dict[str, Any]
    tenants: dict[str, int]
    workers: overview.Workers
    queue: dict[str, int]
    runs: dict[str, int]
    backlog: overview.Backlog
    failures: list[overview.Failure]
    next_runs: list[overview.NextRun]
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
    workers, backlog = overview.workers(), overview.backlog()
    failures = overview.failures(hours=FAILURE_HOURS)
    broken = dict(registry().broken)
    runs: dict[str, int] = {}
    for count in overview.run_counts(hours=FAILURE_HOURS):
        runs[count.state] = runs.get(count.state, 0) + count.runs
    return Status(
        database=overview.database(),
        tenants=overview.tenants_by_status(),
        workers=workers,
        queue=overview.queue_depth(),
        runs=runs,
        backlog=backlog,
        failures=failures,
        next_runs=overview.next_runs(NEXT_RUNS),
        broken_plugins=broken,
        problems=_problems(workers, backlog, failed=len(failures), broken=sorted(broken)),
    )


def _problems(
    workers: overview.Workers, backlog: overview.Backlog, *, failed: int, broken: list[str]
) -> list[str]:
    problems = []
    if backlog.due and not workers.alive:
        problems.append(f"Due: {backlog.due}, and no worker is alive. Remedy: start `manage.py worker`.")
    if failed:
        problems.append(
            f"Runs that failed for good within {FAILURE_HOURS} h: {failed}. "
            "Remedy: mend the cause, then `manage.py compute` those days."
        )
    if broken:
        problems.append(f"Broken plugins: {', '.join(broken)}. Remedy: see `manage.py check`.")
    return problems
