"""Which failures of the database pass by themselves, so that waiting is right; any other is a fault of somebody's."""

from collections.abc import Iterator
from typing import Final

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError

# Lost connections, a server that is read-only, out of resources, busy, shutting down or starting, broken disks,
# transactions that met. By SQLSTATE, as beginnings.
PASSING: Final = ("08", "25006", "40001", "40P01", "53", "55P03", "57", "58")
# The server's own trouble alone: nothing that a statement could have brought about.
NOBODYS_FAULT: Final = ("25006", "53100", "53300", "57P", "58030")
WITHOUT_STATE: Final = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
# What a statement or a connection can raise; whether it passes, is_passing says.
DATABASE_ERRORS: Final = (DatabaseError, InterfaceError, psycopg.Error)
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 5.0


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed later without anybody's doing."""
    state = _sqlstate(error)
    if state is not None:
        return state.startswith(PASSING)
    return any(isinstance(one, WITHOUT_STATE) for one in _with_causes(error))


def is_outage(error: BaseException) -> bool:
    """Whether the database as a whole is away, so that any other statement would fail as well."""
    return is_nobodys_fault(error) or (_sqlstate(error) is None and is_passing(error))


def is_nobodys_fault(error: BaseException) -> bool:
    """Whether the server said that it is away or full, so that the statement which met that is not to blame."""
    state = _sqlstate(error)
    return state is not None and state.startswith(NOBODYS_FAULT)


def pauses() -> Iterator[float]:
    """Seconds to wait between two tries: ever more, yet few enough that an end of the outage is soon noticed."""
    pause = FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_S)


def _sqlstate(error: BaseException) -> str | None:
    return next((one.sqlstate for one in _with_causes(error) if isinstance(one, psycopg.Error)), None)


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
