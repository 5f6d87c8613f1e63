"""How many connections to the database this installation may hold at once, and whether the database takes as many."""

import logging
from dataclasses import dataclass
from typing import Final

from django.db import connection

from engage_server.engine.exceptions import TooFewConnectionsError
from engage_server.tenancy.scope import shared_scope

# Dispatcher, compactor, report, three lanes of background tasks; the queue's listener and its pool
# (engage_server.engine.worker.POOL).
OF_A_WORKER: Final = 6 + 1 + 4
# One that computes, one that keeps its lease.
OF_A_JOB: Final = 2
# Of each HTTP process beside those that answer tenants: for verifying keys, refusals, the pages of people.
RECEPTION_THREADS: Final = 4
# The supervisor's report.
OF_A_SERVER: Final = 1
# For commands, a migration's few workers, and whoever looks at the database.
RESERVE: Final = 5
FEWEST_THREADS: Final = 2
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class Room:
    """What the database takes (``limit``, without what it keeps for superusers), and what is held of that now.

    ``strangers`` are connections to other databases of the same server, other installations' among them.
    """

    limit: int
    used: int
    strangers: int

    @property
    def ours(self) -> int:
        """What is left to this installation."""
        return self.limit - self.strangers


def of_worker(concurrency: int) -> int:
    """What a worker may hold at most."""
    return OF_A_WORKER + OF_A_JOB * concurrency


def of_server(*, processes: int, threads: int) -> int:
    """What a server may hold at most, without the worker beside it: each thread has one connection."""
    return OF_A_SERVER + processes * (threads + RECEPTION_THREADS)


def read_room() -> Room:
    """Ask the database; one statement."""
    with shared_scope(timeout_ms=2_000), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                    - COALESCE(current_setting('reserved_connections', true)::int, 0),
                count(*)::int, (count(*) FILTER (WHERE datname IS DISTINCT FROM current_database()))::int
            FROM pg_stat_activity WHERE backend_type = 'client backend'
            """
        )
        return Room(*cursor.fetchone())


def require_for_worker(concurrency: int) -> int:
    """What this worker may hold.

    Raises:
        TooFewConnectionsError: the database does not take as many.
    """
    needed, room = of_worker(concurrency), read_room()
    if needed + RESERVE > room.ours:
        raise TooFewConnectionsError(
            f"This worker may hold {needed} connections and {RESERVE} are kept in reserve, but {_left(room)}. "
            "Remedy: raise max_connections, or lower --concurrency."
        )
    return needed


def threads_that_fit(*, processes: int, threads: int, beside: int) -> int:
    """As many threads a process as wanted, or fewer where the database takes no more; then with a warning.

    Args:
        processes: that answer HTTP.
        threads: wanted of each.
        beside: connections of the worker beside them.

    Raises:
        TooFewConnectionsError: not even FEWEST_THREADS fit.
    """
    room = read_room()
    fit = (room.ours - RESERVE - beside - OF_A_SERVER) // processes - RECEPTION_THREADS
    if fit >= threads:
        return threads
    needed = of_server(processes=processes, threads=threads) + beside + RESERVE
    formula = (
        f"{processes} processes of {threads} threads need {needed} connections ({processes} × "
        f"({threads} + {RECEPTION_THREADS}), {OF_A_SERVER} for the server, {beside} for the worker, {RESERVE} in "
        f"reserve), but {_left(room)}."
    )
    if fit < FEWEST_THREADS:
        raise TooFewConnectionsError(
            f"{formula} Remedy: raise max_connections, or lower --workers and --threads."
        )
    log.warning(
        "%s Each process answers %d requests at once instead. Remedy: raise max_connections, or lower --threads.",
        formula, fit, extra={"action": "threads_lowered"},
    )  # fmt: skip
    return fit


def _left(room: Room) -> str:
    of_others = f", of which other databases hold {room.strangers}" if room.strangers else ""
    return f"the database takes {room.limit}{of_others}"
