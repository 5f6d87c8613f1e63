"""Whose fault an error of the database is: that of the moment, of what was to be stored, or ours.

Only what passes by itself may be answered with «send the same again»: anything else would come back for ever.
"""

from typing import Final

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError

from engage_server.tenancy.exceptions import EmbeddedPostgresError

# Classes (two characters) and codes of SQLSTATE.
# Connection, resources, shut down or cancelled; serialization, deadlock, lock not available; and a foreign key at the
# commit, since the row that it names was erased meanwhile and is looked up anew.
PASSING: Final = ("08", "53", "57", "40001", "40P01", "55P03", "23503")
# Rights, missing tables and the like: nothing that was to be stored is to blame.
OURS: Final = ("25", "26", "28", "3D", "3F", "42", "58")


def is_passing(error: Exception) -> bool:
    """Whether the same may well succeed in a moment."""
    if isinstance(error, EmbeddedPostgresError):
        return True
    state = state_of(error)
    if state is None:
        # The connection was lost, or there was none to be had: nothing answered.
        return isinstance(
            error, OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError
        )
    return state.startswith(PASSING)


def may_be_of_an_item(error: Exception) -> bool:
    """Whether what was to be stored may be to blame, so that it is worth storing it piece by piece."""
    state = state_of(error)
    return state is not None and (state == "23503" or not state.startswith((*PASSING, *OURS)))


def is_known_of_items(error: Exception) -> bool:
    """Whether what was to be stored is to blame beyond doubt: its data or a rule of the tables."""
    return (state_of(error) or "").startswith(("22", "23"))


def state_of(error: BaseException) -> str | None:
    """The SQLSTATE; None of an error that came from no server."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None
