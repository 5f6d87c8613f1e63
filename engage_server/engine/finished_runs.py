"""Runs that ended a moment ago, of several tenants at once: what those who watch are told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import connection

from engage_server.engine.models import Run
from engage_server.tenancy.scope import shared_scope

# A run's end is noted at this time before it is committed at most; who asks again looks back as far.
COMMIT_WITHIN_S: Final = 10
TIMEOUT_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run of the ledger that ended; one that is run once more ends again, at another time."""

    id: int
    tenant_id: int
    plugin: str
    day: date
    state: Run.State
    finished_at: datetime
    values_written: int


def finished_runs(tenant_ids: Iterable[int]) -> Sequence[FinishedRun]:
    """Runs of these tenants that ended within the last COMMIT_WITHIN_S seconds, in the order of their ends; one statement.

    Each is found several times by those who ask every second: a run becomes visible a while after its end was noted.
    """
    with shared_scope(timeout_ms=TIMEOUT_MS), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, tenant_id, plugin, day, state, finished_at, COALESCE(values_written, 0) FROM engine_run
            WHERE finished_at > clock_timestamp() - make_interval(secs => %s) AND tenant_id = ANY(%s)
            ORDER BY finished_at, id
            """,
            [COMMIT_WITHIN_S, list(tenant_ids)],
        )
        return [
            FinishedRun(id, tenant_id, plugin, day, Run.State(state), finished_at, written)
            for id, tenant_id, plugin, day, state, finished_at, written in cursor.fetchall()
        ]
