"""Clears jobs of dead workers out of the queue. Their runs are the ledger's business, which rings again."""

from typing import Final

from django.db import connection

from engage_server.tenancy.scope import shared_scope

SILENT_S: Final = 60


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
            [SILENT_S],
        )
        return int(cursor.rowcount)
