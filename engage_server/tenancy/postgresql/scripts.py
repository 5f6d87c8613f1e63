"""Sends scripts: many statements that return nothing, in one message where the server takes them so."""

from collections.abc import Sequence
from typing import Any

from psycopg import sql


def run_script(cursor: Any, statements: Sequence[str | sql.Composable], *, one_by_one: bool) -> None:
    """Run the statements in their order; must run inside a transaction, so that it is all of them or none.

    Args:
        cursor: Django's.
        statements: without parameters.
        one_by_one: where the server hands a message on to others as it came (Citus), and so takes one statement of DDL
            in it.
    """
    if not one_by_one:
        cursor.execute(sql.SQL(";\n").join(map(_composed, statements)))
        return
    for statement in statements:
        cursor.execute(statement)


def _composed(statement: str | sql.Composable) -> sql.Composable:
    return sql.SQL(statement) if isinstance(statement, str) else statement
