"""Rings for tenants with waiting runs: one queued job each, a few for long queues. The queue holds no truth.

What is rung for is read from the ledger every time, so a lost or truncated queue is rebuilt by the next round.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from procrastinate.types import JSONValue

from engage_server.engine.tasks import compute_tenant, job_priority
from engage_server.tenancy.scope import shared_scope

LOCK: Final = 0x656E67616765
IDLE_AT_MOST_MS: Final = "30000"


@dataclass(frozen=True, slots=True)
class QueueLane:
    """A tenant's scheduled runs, or its backfill: two lanes, so that the first never waits for the second."""

    tenant_id: int
    background: bool


def enqueue_due_tenants(now: datetime) -> int:
    """Queue jobs for the lanes that have due runs and fewer jobs than they may; return how many jobs."""
    with shared_scope(), transaction.atomic():
        if not _alone():
            return 0
        outstanding = _outstanding()
        wanted: dict[bool, list[QueueLane]] = defaultdict(list)
        for lane, runs in _waiting(now).items():
            jobs = min(settings.ENGAGE_TENANT_JOBS, ceil(runs / settings.ENGAGE_JOB_RUNS))
            wanted[lane.background] += [lane] * (jobs - outstanding.get(lane, 0))
        for background, lanes in wanted.items():
            jobs_args: list[dict[str, JSONValue]] = [
                {"tenant_id": lane.tenant_id, "background": background} for lane in lanes
            ]
            if jobs_args:
                compute_tenant.configure(priority=job_priority(background=background)).batch_defer(*jobs_args)
    return sum(map(len, wanted.values()))


def _alone() -> bool:
    """Whether no other dispatcher rings at this moment; one that froze in the middle is cut off by the server."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, true), pg_try_advisory_xact_lock(%s)",
            [IDLE_AT_MOST_MS, LOCK],
        )
        return bool(cursor.fetchone()[1])


def _waiting(now: datetime) -> dict[QueueLane, int]:
    """Due runs by lane, the one that waits longest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT run.tenant_id, run.priority < 0, count(*)
            FROM engine_run run JOIN tenancy_tenant tenant ON tenant.id = run.tenant_id
            WHERE run.state = 'PENDING' AND run.not_before <= %s AND tenant.status = 'ACTIVE'
            GROUP BY 1, 2 ORDER BY min(run.not_before), 1
            """,
            [now],
        )
        return {QueueLane(tenant_id, background): runs for tenant_id, background, runs in cursor.fetchall()}


def _outstanding() -> dict[QueueLane, int]:
    """Jobs by lane that wait in the queue or are being done."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (args->>'tenant_id')::int, (args->>'background')::bool, count(*) FROM procrastinate_jobs
            WHERE queue_name = 'compute' AND status IN ('todo', 'doing') GROUP BY 1, 2
            """
        )
        return {QueueLane(tenant_id, background): jobs for tenant_id, background, jobs in cursor.fetchall()}
