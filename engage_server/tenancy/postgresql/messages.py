"""A whole transaction in one message to the server, with rows to copy in it: two round trips instead of seven.

Statements of one message are one transaction, which ends with the message and is undone if one of them fails.
psycopg sends COPY by itself only; so this speaks to libpq, by the interface that psycopg has for it.
"""

import select
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg import errors
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from engage_server.tenancy.postgresql.base import DatabaseWrapper

REFUSED: Final = b"the rows were made for another state of the tenant"


def copy_in_one_message(
    questions: Sequence[str],
    *,
    is_as_expected: Callable[[tuple[bytes | None, ...]], bool],
    copy: str,
    rows: bytes,
    then: Sequence[str],
) -> bool:
    """Ask, copy the rows in where the answer is as expected, run further statements, commit.

    Args:
        questions: statements that return one row each, with their parameters in them, as in ``then``; they run first.
        is_as_expected: looks at the values of these rows, as texts; where it says no, all is undone.
        copy: COPY ... FROM STDIN.
        rows: in COPY's text format.
        then: statements that return nothing of interest.

    Returns:
        Whether it was done.

    Raises:
        django.db.Error: a statement failed, and nothing was done; or the connection was lost, and nobody knows.
    """
    wrapper = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    with wrapper.wrap_database_errors:
        pgconn = wrapper.scoped().pgconn
        try:
            return _exchange(pgconn, "; ".join([*questions, copy, *then]), is_as_expected, rows)
        except errors.Error as error:
            if error.sqlstate is None or pgconn.status == ConnStatus.BAD:
                wrapper.close()
            raise
        except BaseException:
            # Left in the middle of a message: nothing else may be sent on this connection.
            wrapper.close()
            raise


def with_parameters(statement: str, params: Sequence[Any]) -> str:
    """The statement with its parameters in it, for a message."""
    with connection.cursor() as cursor:
        text: str = cursor.mogrify(statement, params)
    return text


def _exchange(
    pgconn: PGconn, message: str, is_as_expected: Callable[[tuple[bytes | None, ...]], bool], rows: bytes
) -> bool:
    pgconn.send_query(message.encode())
    asked = _results(pgconn)
    _require_good(asked)
    answers = [answer for answer in asked if answer.status == ExecStatus.TUPLES_OK]
    fits = is_as_expected(
        tuple(answer.get_value(0, column) for answer in answers for column in range(answer.nfields))
    )
    if fits:
        pgconn.put_copy_data(rows)
    pgconn.put_copy_end(None if fits else REFUSED)
    done = _results(pgconn)
    if fits:
        _require_good(done)
    return fits


def _results(pgconn: PGconn) -> list[PGresult]:
    """What the server answers, up to the point where it waits for rows."""
    server = select.poll()
    server.register(pgconn.socket, select.POLLIN | select.POLLOUT)
    while pgconn.flush():
        server.poll()
        pgconn.consume_input()
    server.modify(pgconn.socket, select.POLLIN)
    found: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            server.poll()
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            return found
        found.append(result)
        if result.status == ExecStatus.COPY_IN:
            return found


def _require_good(results: Sequence[PGresult]) -> None:
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(result)
