"""A whole transaction in one message to the server, with rows to copy in it: two round trips instead of seven.

Statements of one message are one transaction, which ends with the message and is undone if one of them fails.
psycopg sends COPY by itself only; so this speaks to libpq, by the interface that psycopg has for it.
"""

import select
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg import errors
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from engage_server.tenancy.postgresql.base import DatabaseWrapper

Row = tuple[bytes | None, ...]  # the values as texts
Answers = Sequence[Sequence[Row]]
REFUSED: Final = b"the rows were made for another state of the tenant"


def copy_in_one_message(
    questions: Sequence[str],
    *,
    copies: Sequence[str],
    rows: Callable[[Answers], Iterator[bytes] | None],
    then: Sequence[str],
) -> bool:
    """Ask, copy rows in as the answers want it, run further statements, commit.

    Args:
        questions: statements that return rows, with their parameters in them, as in ``then``; they run first.
        copies: COPY ... FROM STDIN, one after the other.
        rows: is given what each question returned, and gives the rows of each copy in that one's format, or None:
            then all is undone. It is asked for those of the next while the server takes the former in.
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
            return _exchange(pgconn, "; ".join([*questions, *copies, *then]), rows)
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


def text_array(texts: Sequence[str]) -> str:
    """The texts as a literal of type text[], for a message."""
    together = "".join(texts)
    if "'" in together or '"' in together or "\\" in together or "\0" in together:
        return with_parameters("%s::text[]", [list(texts)])
    # Several times as fast, and hardly any name holds one of these.
    quoted = '","'.join(texts)
    return f"'{{\"{quoted}\"}}'::text[]" if texts else "'{}'::text[]"


def _exchange(pgconn: PGconn, message: str, rows: Callable[[Answers], Iterator[bytes] | None]) -> bool:
    pgconn.send_query(message.encode())
    asked = _results(pgconn)
    _require_good(asked)
    blocks = rows([_rows_of(answer) for answer in asked if answer.status == ExecStatus.TUPLES_OK])
    if blocks is None:
        pgconn.put_copy_end(REFUSED)
        _results(pgconn)
        return False
    block = next(blocks, None)
    while block is not None:
        pgconn.put_copy_data(block)
        pgconn.put_copy_end()
        block = next(blocks, None)
        _require_good(_results(pgconn))
    return True


def _rows_of(answer: PGresult) -> list[Row]:
    columns = range(answer.nfields)
    return [tuple([answer.get_value(row, column) for column in columns]) for row in range(answer.ntuples)]


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
