"""Second sessions with the database under test, wherever DATABASE_URL says that it is."""

from typing import Any

import psycopg
from django.db import connection

ENDED_WITHIN_MS = 5_000


def other_session(**options: Any) -> psycopg.Connection:
    """A session beside this thread's, with all of its parameters, the port included."""
    parameters = {**connection.get_connection_params(), "cursor_factory": None}
    parameters.pop("context", None)
    return psycopg.connect(**parameters, **options)


def end_backend() -> None:
    """End this thread's own session, as a failover would; return once its backend is gone."""
    backend = connection.connection.info.backend_pid
    with other_session(autocommit=True) as other:
        (ended,) = other.execute(
            "SELECT pg_terminate_backend(%s::int, %s::bigint)", [backend, ENDED_WITHIN_MS]
        ).fetchone()
    assert ended
