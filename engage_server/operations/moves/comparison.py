"""Compares a tenant's tables here and there: rows, and a checksum of all their columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.db import connection, transaction
from psycopg import sql

from engage_server.operations.moves.far_side import FarSide
from engage_server.tenancy.catalogue import structure
from engage_server.tenancy.exceptions import MoveError
from engage_server.tenancy.export import tables_of
from engage_server.tenancy.freezing import TRIGGER
from engage_server.tenancy.scope import TenantRef, tenant_scope

# How values read as text, whatever the servers' own settings say.
PLAINLY: Final = """
    SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true),
        set_config('intervalstyle', 'iso_8601', true), set_config('extra_float_digits', '1', true),
        set_config('bytea_output', 'hex', true)
"""
FULL: Final = "SELECT count(*), COALESCE(sum(hashtextextended(one::text, 0)), 0)::text FROM {} one"
COUNTS: Final = "SELECT count(*), '' FROM {} one"


@dataclass(frozen=True, slots=True)
class Compared:
    """How much was the same on both sides."""

    tables: int
    rows: int


def compare(tenant: TenantRef, far: FarSide, *, counts_only: bool = False) -> Compared:
    """Go on where both sides hold the same; both are asked at once.

    Raises:
        MoveError: names what differs first.
    """
    here, there = far.beside(partial(_look, tenant, COUNTS if counts_only else FULL))
    odd = sorted({*here.structure} ^ {*there.structure})
    if odd:
        raise MoveError(
            f"The schemas differ: {odd[0][:200]}. Remedy: `manage.py migrate` on both sides; then move again."
        )
    for table, (rows, checksum) in here.tables.items():
        if there.tables[table] != (rows, checksum):
            raise MoveError(
                f"{table} has {rows} rows here and {there.tables[table][0]} there"
                f"{', with other contents' if rows == there.tables[table][0] else ''}."
            )
    return Compared(len(here.tables), sum(rows for rows, _ in here.tables.values()))


@dataclass(frozen=True, slots=True)
class _Side:
    structure: frozenset[str]
    tables: Mapping[str, tuple[int, str]]


def _look(tenant: TenantRef, question: str) -> _Side:
    found = {}
    with (
        tenant_scope(tenant, role="none", timeout_ms=0),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(PLAINLY)
        for table in tables_of(tenant):
            cursor.execute(sql.SQL(question).format(sql.Identifier(table)))
            rows, checksum = cursor.fetchone()
            found[table] = (rows, checksum)
    lines = frozenset(line for line in structure(tenant) if TRIGGER not in line)
    return _Side(lines, found)
