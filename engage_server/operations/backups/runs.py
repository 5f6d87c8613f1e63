"""Keeps the ledger true where a tenant's values go back to an earlier state.

The backup's ledger agrees with its values: both are of one moment. What was computed since has lost its values, so
those runs are due again; and a worker that computes now, from what is gone, is fenced off by a higher token.
"""

from typing import Final

from django.db import connection
from psycopg import sql

from engage_server.operations.backups import renumbering
from engage_server.operations.backups.archive import Archive
from engage_server.operations.backups.shared_tables import SharedTable

RUNS: Final = "engine_run"
SAME_RUN: Final = """
    here.tenant_id = %(tenant)s AND here.plugin = "row"->>'plugin'
    AND here.scheduled_for = ("row"->>'scheduled_for')::timestamptz AND here.day = ("row"->>'day')::date
"""
# Of a run that a worker had in hand when the backup was made nothing is stored.
SET_FREE: Final = """
    UPDATE incoming_engine_run one SET "row" = one."row"
        || jsonb_build_object('token', 1 + GREATEST((one."row"->>'token')::int, (SELECT token FROM public.engine_run run
            WHERE run.id = one.new_id AND NOT one.is_new)))
        || CASE WHEN one."row"->>'state' = 'RUNNING'
            THEN '{"state": "PENDING", "lease_until": null, "started_at": null}'::jsonb ELSE '{}'::jsonb END
"""
REOPEN: Final = """
    WITH since AS (
        SELECT run.id, EXISTS (
            SELECT FROM incoming_engine_schedule plan
            WHERE plan."row"->>'plugin' = run.plugin AND (plan."row"->>'enabled')::boolean) AS wanted
        FROM public.engine_run run
        WHERE run.tenant_id = %(tenant)s AND run.state IN ('PENDING', 'RUNNING', 'SUCCEEDED')
          AND NOT EXISTS (SELECT FROM incoming_engine_run known WHERE known.new_id = run.id)
    ), gone AS (
        DELETE FROM public.engine_run WHERE id IN (SELECT id FROM since WHERE NOT wanted)
    )
    UPDATE public.engine_run SET state = 'PENDING', token = token + 1, attempt = 0, deaths = 0, error = '',
        lease_until = NULL, started_at = NULL, finished_at = NULL, values_written = NULL, not_before = clock_timestamp()
    WHERE id IN (SELECT id FROM since WHERE wanted)
"""
NUMBER_VALUES: Final = """
    UPDATE metrics_computation stored SET run_id = run.new_id FROM incoming_engine_run run
    WHERE stored.run_id = run.old_id::bigint AND run.new_id <> run.old_id::bigint
"""


def take_back(archive: Archive, folder: str, table: SharedTable, *, tenant_id: int) -> None:
    """Read the rows of a table of the engine, of a tenant that is here. Shared scope, as all but the last."""
    known = SAME_RUN if table.name == RUNS else "false"
    renumbering.take_in(archive, folder, table, known=known, parameters={"tenant": tenant_id})
    if table.name == RUNS:
        set_free()


def set_free() -> None:
    """Take the runs out of the hands that they were in, there and here."""
    with connection.cursor() as cursor:
        cursor.execute(SET_FREE)


def reopen(tenant_id: int) -> int:
    """Make the runs due again whose values the backup does not have; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(REOPEN, {"tenant": tenant_id})
        return int(cursor.rowcount)


def replace(table: SharedTable, *, tenant_id: int) -> None:
    """Write the rows that were read in place of those that are here."""
    names = renumbering.names_of(table)
    stay = "true" if table.name != RUNS else "id IN (SELECT new_id FROM incoming_engine_run)"
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("DELETE FROM public.{table} WHERE tenant_id = {tenant} AND {stay}").format(
                **names, tenant=sql.Literal(tenant_id), stay=sql.SQL(stay)
            )
        )
        cursor.execute(sql.SQL("UPDATE {numbered} SET is_new = true").format(**names))
    renumbering.write(table, tenant_id=tenant_id)


def number_values() -> None:
    """Have stored values name the runs by the numbers that these have here. Inside the tenant's scope, as its owner."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_VALUES)
