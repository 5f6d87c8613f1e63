"""Runs code on the database of another installation: the same code, scopes and transactions, another connection."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.conninfo import conninfo_to_dict

from engage_server.tenancy.cells import Cell
from engage_server.tenancy.postgresql.base import DatabaseWrapper

Value = TypeVar("Value")


class FarSide:
    """The database of another cell, by one connection that is kept."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self._connection = self._new_connection()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Whatever the block says to the database is said to that one. Not to be entered inside a transaction of ours."""
        with _in_place(self._connection):
            yield

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _new_connection(self) -> DatabaseWrapper:
        parsed: dict[str, Any] = dict(conninfo_to_dict(self.cell.database))
        ours = connections.settings[DEFAULT_DB_ALIAS]
        return DatabaseWrapper(
            {
                **ours,
                "NAME": str(parsed.pop("dbname", "engage")),
                "USER": str(parsed.pop("user", "")),
                "PASSWORD": str(parsed.pop("password", "")),
                "HOST": str(parsed.pop("host", "")) or "localhost",
                "PORT": str(parsed.pop("port", "")),
                "OPTIONS": {**ours["OPTIONS"], **parsed},
            },
            alias=DEFAULT_DB_ALIAS,
        )

    def beside(self, ask: Callable[[], Value]) -> tuple[Value, Value]:
        """What ``ask`` says here and there, asked at the same time, each by a connection of its own."""
        with ThreadPoolExecutor(2) as pool:
            here = pool.submit(_asked, ask)
            there = pool.submit(self._asked_there, ask)
            return here.result(), there.result()

    def _asked_there(self, ask: Callable[[], Value]) -> Value:
        with _in_place(self._new_connection()):
            return _asked(ask)


@contextmanager
def _in_place(there: BaseDatabaseWrapper) -> Iterator[None]:
    here = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = there
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = here


def _asked(ask: Callable[[], Value]) -> Value:
    try:
        return ask()
    finally:
        connections[DEFAULT_DB_ALIAS].close()
