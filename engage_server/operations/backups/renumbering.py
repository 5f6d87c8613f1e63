"""Brings rows of a backup into the shared tables, with new numbers where theirs are taken here.

Works inside the shared scope and the caller's transaction; tables of this module's own end with it.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from psycopg import sql

from engage_server.access.models import LEAST_NUMBER, MOST_NUMBER
from engage_server.operations.backups.archive import Archive
from engage_server.operations.backups.shared_tables import SharedTable

TAKE_IN: Final = """
    DROP TABLE IF EXISTS pg_temp.{raw}, pg_temp.{numbered};
    CREATE TEMPORARY TABLE {raw} ("row" jsonb) ON COMMIT DROP
"""
# No number that the sequence gives from here on is one of the backup's.
PUSH_SEQUENCE: Final = """
    SELECT setval(seq, highest) FROM (
        SELECT pg_get_serial_sequence({name}, 'id')::regclass AS seq, max(("row"->>'id')::bigint) AS highest FROM {raw}) one
    WHERE highest > COALESCE(pg_sequence_last_value(seq), 0)
"""
# A row that is known here keeps the number that it has here; another keeps that of the backup where it is free.
NUMBER: Final = """
    CREATE TEMPORARY TABLE {numbered} ON COMMIT DROP AS
    SELECT "row"->>'id' AS old_id, "row", known.id IS NULL AS is_new, CASE
        WHEN known.id IS NOT NULL THEN known.id
        WHEN NOT EXISTS (SELECT FROM public.{table} taken WHERE taken.id = ("row"->>'id')::bigint)
            THEN ("row"->>'id')::bigint
        ELSE {another} END AS new_id
    FROM {raw} LEFT JOIN LATERAL (SELECT id FROM public.{table} here WHERE {known}) known ON true
"""
FROM_SEQUENCE: Final = "nextval(pg_get_serial_sequence({name}, 'id')::regclass)"
BY_CHANCE: Final = "{least} + floor(random() * {span})::bigint"
# What an id is of the table: a number that is counted up, one by chance, or no number, which is nobody else's.
COUNTED, DRAWN, UNIQUE = "counted", "drawn", "unique"
KIND_OF_ID: Final = """
    SELECT CASE WHEN pg_get_serial_sequence(%(table)s, 'id') IS NOT NULL THEN 'counted'
        WHEN atttypid = 'bigint'::regtype THEN 'drawn' ELSE 'unique' END
    FROM pg_attribute WHERE attrelid = to_regclass(%(table)s) AND attname = 'id'
"""
KEEP_NUMBERS: Final = """
    CREATE TEMPORARY TABLE {numbered} ON COMMIT DROP AS
    SELECT "row"->>'id' AS old_id, "row", true AS is_new, "row"->>'id' AS new_id FROM {raw}
"""
COLUMNS: Final = """
    SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
    AND attname IN (SELECT jsonb_object_keys("row") FROM {raw})
"""
INSERT: Final = """
    INSERT INTO public.{table} ({columns})
    SELECT {values} FROM {numbered} one CROSS JOIN LATERAL jsonb_populate_record(NULL::public.{table}, one."row") its
    WHERE one.is_new AND {condition} ORDER BY one.new_id ON CONFLICT DO NOTHING
"""
NUMBER_OF: Final = "(SELECT of.new_id FROM {numbered} of WHERE of.old_id = its.{column}::text)"


def take_in(
    archive: Archive,
    folder: str,
    table: SharedTable,
    *,
    known: str = "false",
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Read a table's rows and number them.

    Args:
        archive: the backup.
        folder: whose rows.
        table: which.
        known: a condition on ``here`` and ``"row"`` by which a row of the backup is one that is here.
        parameters: of the condition.
    """
    names = names_of(table)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(TAKE_IN).format(**names))
        with cursor.copy(sql.SQL('COPY {raw} ("row") FROM STDIN').format(**names)) as copy:
            for block in archive.blocks(f"{folder}/shared/{table.name}.copy.gz"):
                copy.write(block)
    _number(table, known=known, parameters=parameters)


def take_in_row(table: SharedTable, row: Mapping[str, Any]) -> None:
    """As ``take_in``, of one row that was written apart."""
    names = names_of(table)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(TAKE_IN).format(**names))
        cursor.execute(
            sql.SQL("INSERT INTO {raw} VALUES ({row})").format(**names, row=sql.Literal(json.dumps(row)))
        )
    _number(table)


def _number(table: SharedTable, *, known: str = "false", parameters: Mapping[str, Any] | None = None) -> None:
    names = names_of(table)
    with connection.cursor() as cursor:
        kind = _kind_of_id(table)
        if kind == UNIQUE:
            cursor.execute(sql.SQL(KEEP_NUMBERS).format(**names))
            return
        if kind == COUNTED:
            cursor.execute(sql.SQL(PUSH_SEQUENCE).format(**names))
            another = sql.SQL(FROM_SEQUENCE).format(**names)
        else:
            span = sql.Literal(MOST_NUMBER - LEAST_NUMBER)
            another = sql.SQL(BY_CHANCE).format(least=sql.Literal(LEAST_NUMBER), span=span)
        # ``known`` is a constant of ours
        numbering = sql.SQL(NUMBER).format(**names, known=sql.SQL(known), another=another)
        cursor.execute(numbering, parameters)


def write(table: SharedTable, *, condition: str = "true", **overrides: Any) -> int:
    """Insert the rows that are new here; return how many were. ``overrides``: columns that are the same in all."""
    names = names_of(table)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(COLUMNS).format(**names), [f"public.{table.name}"])
        columns = [name for (name,) in cursor.fetchall()]
        if not columns:
            return 0
        values = [_value(table, column, overrides) for column in columns]
        insert = sql.SQL(INSERT).format(
            **names,
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=sql.SQL(", ").join(values),
            condition=sql.SQL(condition),  # a constant of ours
        )
        cursor.execute(insert)
        return int(cursor.rowcount)


def names_of(table: SharedTable) -> dict[str, sql.Composable]:
    """What the statements of this package call the table and its rows on their way in."""
    return {
        "table": sql.Identifier(table.name),
        "name": sql.Literal(f"public.{table.name}"),
        "raw": sql.Identifier(f"raw_{table.name}"),
        "numbered": numbered(table.name),
    }


def numbered(name: str) -> sql.Identifier:
    """The rows of the table of this name with the numbers that they have here."""
    return sql.Identifier(f"incoming_{name}")


def _value(table: SharedTable, column: str, overrides: Mapping[str, Any]) -> sql.Composable:
    if column in overrides:
        return sql.Literal(overrides[column])
    if column == "id":
        return sql.SQL("its.id" if _kind_of_id(table) == UNIQUE else "one.new_id")
    if column in table.refers:
        return sql.SQL(NUMBER_OF).format(
            numbered=numbered(table.refers[column]), column=sql.Identifier(column)
        )
    return sql.SQL("its.{}").format(sql.Identifier(column))


def _kind_of_id(table: SharedTable) -> str:
    with connection.cursor() as cursor:
        cursor.execute(KIND_OF_ID, {"table": f"public.{table.name}"})
        return str(cursor.fetchone()[0])
