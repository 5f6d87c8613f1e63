"""Clears up after dead workers, and old runs out of the ledger. Runs beside the queue, never as a job in it."""

import logging
import time
from typing import Final

from django.conf import settings
from django.db import connection

from engage_server.tenancy.scope import shared_scope

DEATHS_AT_MOST: Final = 3
PAUSE_AFTER_DEATH_S: Final = 5
PRUNED_AT_ONCE: Final = 5_000
SUSPECT: Final = "Its worker died or hung."
POISON: Final = (
    f"Its worker died or hung {DEATHS_AT_MOST} times. Remedy: find out why, then `manage.py run retry` it."
)
log = logging.getLogger("engage.engine")

_spares_until = 0.0


def spare_the_living() -> None:
    """Leave workers a lease's time to report: while the database was away, the living were as silent as the dead."""
    global _spares_until  # noqa: PLW0603  # of this process: the one that met the outage
    _spares_until = time.monotonic() + settings.ENGAGE_RUN_LEASE_S


def clear_up() -> int:
    """Free what dead workers had in hand, their runs and their places in the queue; return how many runs."""
    if time.monotonic() < _spares_until:
        return 0
    released = release_expired()
    remove_dead_jobs()
    return released


def release_expired() -> int:
    """Return runs whose lease ended to PENDING; quarantine those that took their worker along too often.

    Only the run whose turn it was is held to account for the death; those that waited behind it in the same
    worker's hands are released as if nothing had been.
    """
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH expired AS (
                SELECT id, started_at IS NOT NULL AS suspect,
                    started_at IS NOT NULL AND deaths + 1 >= %(deaths)s AS poison
                FROM engine_run WHERE state = 'RUNNING' AND lease_until < clock_timestamp()
                FOR UPDATE SKIP LOCKED
            )
            UPDATE engine_run run SET
                state = CASE WHEN poison THEN 'QUARANTINED' ELSE 'PENDING' END,
                finished_at = CASE WHEN poison THEN clock_timestamp() END,
                deaths = deaths + suspect::int,
                error = CASE WHEN poison THEN %(poison)s WHEN suspect THEN %(suspect)s ELSE error END,
                not_before = CASE WHEN suspect
                    THEN clock_timestamp() + make_interval(secs => %(pause)s * deaths) ELSE not_before END,
                lease_until = NULL, started_at = NULL, token = token + 1
            FROM expired WHERE run.id = expired.id
            RETURNING run.id, run.plugin, run.tenant_id, suspect, poison
            """,
            {"deaths": DEATHS_AT_MOST, "pause": PAUSE_AFTER_DEATH_S, "suspect": SUSPECT, "poison": POISON},
        )
        released = cursor.fetchall()
    for run_id, plugin, tenant_id, suspect, poison in released:
        if suspect:
            log.warning(
                "The worker of run %s of %s died or hung; it is %s.", run_id, plugin,
                "quarantined" if poison else "tried again",
                extra={"action": "worker_died", "run": run_id, "plugin": plugin, "tenant": tenant_id},
            )  # fmt: skip
    return len(released)


def remove_dead_jobs() -> int:
    """Delete jobs marked as being done by a worker that is gone or silent; return how many."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs job
            WHERE job.status = 'doing' AND job.queue_name = 'compute' AND NOT EXISTS (
                SELECT 1 FROM procrastinate_workers worker
                WHERE worker.id = job.worker_id AND worker.last_heartbeat > now() - make_interval(secs => %s))
            """,
            [settings.ENGAGE_RUN_LEASE_S],
        )
        return int(cursor.rowcount)


def prune() -> int:
    """Delete runs that ended ENGAGE_RUN_KEEP_DAYS ago or earlier, some thousands at once; return how many."""
    with shared_scope(), connection.cursor() as cursor:
        # Only the oldest ids are looked at: that needs no index, which every run would pay for.
        cursor.execute(
            """
            DELETE FROM engine_run WHERE id IN (
                SELECT id FROM (SELECT id, finished_at FROM engine_run ORDER BY id LIMIT %s) oldest
                WHERE finished_at < clock_timestamp() - make_interval(days => %s))
            """,
            [PRUNED_AT_ONCE, settings.ENGAGE_RUN_KEEP_DAYS],
        )
        return int(cursor.rowcount)
