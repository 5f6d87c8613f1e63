"""What a failure of the database means: it passes by itself, what was to be stored is to blame, or we are.

Only what passes by itself may be answered with «send the same again», or waited out: anything else would come back for
ever.
"""

from collections.abc import Iterator
from typing import Final

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError

from engage_server.tenancy.exceptions import EmbeddedPostgresError, TenantMovingError

# Beginnings of SQLSTATE. Lost connections, a server that is read-only, out of resources, busy, shutting down or starting,
# a disk that does not answer, transactions that met; and a foreign key at the commit, since the row that it names was
# erased meanwhile and is looked up again.
PASSING: Final = ("08", "23503", "25006", "40001", "40P01", "53", "55P03", "57", "58030")
# The server's own trouble alone: nothing that a statement could have brought about.
# Of the trigger that keeps a tenant as it is while it is moved: nobody is to blame, and no other tenant is concerned.
MOVING: Final = "57M01"
NOBODYS_FAULT: Final = ("25006", "53100", "53300", MOVING, "57P", "58030")
# Rights, missing tables and the like: nothing that was to be stored is to blame.
OURS: Final = ("25", "26", "28", "3D", "3F", "42", "58")
WITHOUT_STATE: Final = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    EmbeddedPostgresError,
)
# What a statement or a connection can raise; whether it passes, is_passing says.
DATABASE_ERRORS: Final = (DatabaseError, InterfaceError, psycopg.Error)
# And what keeps one from being opened.
DATABASE_UNAVAILABLE: Final = (*DATABASE_ERRORS, EmbeddedPostgresError)
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 5.0


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed later without anybody doing something."""
    state = state_of(error)
    if state is not None:
        return state.startswith(PASSING)
    return any(isinstance(one, WITHOUT_STATE) for one in _with_causes(error))


def is_outage(error: BaseException) -> bool:
    """Whether the database as a whole is away, so that any other statement would fail as well."""
    if is_moving(error):
        return False
    return is_nobodys_fault(error) or (state_of(error) is None and is_passing(error))


def is_moving(error: BaseException) -> bool:
    """Whether the tenant is on its way to another installation, which concerns no other tenant."""
    return state_of(error) == MOVING or any(isinstance(one, TenantMovingError) for one in _with_causes(error))


def is_nobodys_fault(error: BaseException) -> bool:
    """Whether the server said that it is away or full, so that the statement which met that is not to blame."""
    state = state_of(error)
    return state is not None and state.startswith(NOBODYS_FAULT)


def may_be_of_an_item(error: BaseException) -> bool:
    """Whether what was to be stored may be to blame, so that it is worth storing it piece by piece."""
    state = state_of(error)
    return state is not None and (state == "23503" or not state.startswith((*PASSING, *OURS)))


def is_known_of_items(error: BaseException) -> bool:
    """Whether what was to be stored is to blame beyond doubt: its data or a rule of the tables."""
    return (state_of(error) or "").startswith(("22", "23"))


def state_of(error: BaseException) -> str | None:
    """The SQLSTATE; None of an error that came from no server."""
    return next((one.sqlstate for one in _with_causes(error) if isinstance(one, psycopg.Error)), None)


def pauses() -> Iterator[float]:
    """Seconds to wait between two tries: ever more, yet few enough that an end of the outage is soon noticed."""
    pause = FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_S)


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
