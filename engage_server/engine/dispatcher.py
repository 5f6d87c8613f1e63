"""Turns time into work: opens the runs of schedules that are due and rings for the tenants that have any.

Several dispatchers may run at once, whatever their clocks say: the time is the database's, schedules are claimed
with SKIP LOCKED, and the ledger holds each (tenant, plugin, time, day) once.
"""

from datetime import datetime

from engage_server.engine import due_runs, job_queue, reaper, restatement
from engage_server.engine.tasks import ring_again
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import shared_scope


def tick(now: datetime | None = None) -> int:
    """One round: clear up after dead workers, open due runs, queue jobs for them; return how many jobs."""
    if now is None:
        with shared_scope():
            now = database_now()
    reaper.clear_up()
    while due_runs.open_due_runs(now) == due_runs.BATCH:
        pass
    restatement.open_runs()
    return job_queue.enqueue_due_tenants(now)


def tidy() -> None:
    """What need not be done in every round: old runs out of the ledger, moved tenants planned again, lost calls."""
    reaper.prune()
    due_runs.replan_moved_tenants()
    ring_again()
