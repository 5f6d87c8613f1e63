"""Reads by statements that the server keeps prepared: planned once for a connection and tenant instead of each time.

Django's cursors put the parameters into the text, which is planned anew each time: of a small read that is most of what
it costs the server. Here parameters go beside the text, and what comes again on a connection is prepared there.

A plan is of the tables that a search path led to, and PostgreSQL makes it anew where another path is in force. So each
tenant has texts of its own, by a comment with its schema's name.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from engage_server.tenancy.postgresql.base import DatabaseWrapper
from engage_server.tenancy.scope import current_scope

COMES_AGAIN: Final = 2  # a statement is prepared when it comes for this time on a connection
Row = tuple[Any, ...]
Execute = Callable[[str, Any, bool, Any], Any]


def read(statement: str, params: Mapping[str, Any]) -> list[Row]:
    """The rows of a statement, in the scope in force; Django's wrappers of executions see it as they see all others.

    Args:
        statement: one text for all that differs in its parameters alone; columns are named (``*`` would bind the plan to
            the columns of the day), and types of parameters that say none themselves are (``%(name)s::text[]``).
        params: by name.

    Raises:
        django.db.Error: as a cursor's ``execute``.
    """
    wrapper = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    connection = wrapper.scoped()
    scope = current_scope()
    text = f"/* {scope.schema} */ {statement}" if scope is not None else statement
    execute: Execute = _Execution(wrapper, connection)
    for around in reversed(wrapper.execute_wrappers):
        execute = _around(around, execute)
    rows: list[Row] = execute(text, params, False, {"connection": wrapper, "cursor": None})
    return rows


class _Execution:
    """Runs the statement by psycopg; told to whoever logs the connection's queries."""

    def __init__(self, wrapper: DatabaseWrapper, connection: psycopg.Connection[Any]) -> None:
        self._wrapper = wrapper
        self._connection = connection

    def __call__(self, sql: str, params: Any, many: bool, context: Any) -> list[Row]:
        connection, wrapper = self._connection, self._wrapper
        began = time.monotonic()
        try:
            with wrapper.wrap_database_errors:
                # Django's own cursors never prepare, whatever stands here.
                connection.prepare_threshold = COMES_AGAIN - 1
                cursor = psycopg.Cursor(connection)
                return cursor.execute(sql, params, binary=True).fetchall()
        finally:
            if wrapper.queries_logged:
                wrapper.queries_log.append({"sql": sql, "time": f"{time.monotonic() - began:.3f}"})


def _around(around: Callable[..., Any], execute: Execute) -> Execute:
    return lambda sql, params, many, context: around(execute, sql, params, many, context)
