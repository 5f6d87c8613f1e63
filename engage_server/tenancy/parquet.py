"""Writes the rows of a query to a Parquet file: PostgreSQL to lines of JSON, polars to Parquet, a block at a time.

The lines lie beside the file until it is whole, so that much disk space has to be free; memory does not follow the
rows, since neither the blocks nor the row groups grow with them.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl
from django.db import connection
from polars.io.plugins import register_io_source
from psycopg import sql

MICROSECONDS: Final = pl.Datetime("us", "UTC")
EXACT: Final = pl.Decimal(38, 10)
# By PostgreSQL's type: how a column is selected, and what it becomes. All others are texts.
SELECTED: Final[Mapping[str, tuple[str, pl.DataType | type[pl.DataType]]]] = {
    "int2": ("{0}", pl.Int64),
    "int4": ("{0}", pl.Int64),
    "int8": ("{0}", pl.Int64),
    "bool": ("{0}", pl.Boolean),
    "timestamptz": ("(extract(epoch FROM {0}) * 1000000)::bigint AS {0}", MICROSECONDS),
    "date": ("({0} - date '1970-01-01') AS {0}", pl.Date),
    "numeric": ("{0}::text", EXACT),
}
TEXT: Final = ("{0}::text", pl.String)
# What is transmitted for a type that JSON does not have.
TRANSMITTED: Final[Mapping[object, type[pl.DataType]]] = {
    MICROSECONDS: pl.Int64,
    pl.Date: pl.Int32,
    EXACT: pl.String,
}
BLOCK_BYTES: Final = 4_000_000
# Of a row group, as JSON: it is held whole until it is written.
GROUP_BYTES: Final = 16_000_000


def write_parquet(query: sql.Composable, file: Path) -> int:
    """Write what the query gives, inside the tenant's scope; return the number of rows.

    Times are microseconds in UTC, numbers of fixed point decimals; JSON, arrays and whatever else are texts.
    """
    columns = _columns(query)
    schema = {name: type_ for name, (_, type_) in columns.items()}
    lines = file.with_suffix(".ndjson")
    rows = _write_lines(query, columns, lines)
    if rows:
        group = max(1, GROUP_BYTES * rows // lines.stat().st_size)
        _frames(lines, schema).sink_parquet(file, row_group_size=group)
    else:
        pl.DataFrame(schema=schema).write_parquet(file)
    lines.unlink()
    return rows


def _columns(query: sql.Composable) -> dict[str, tuple[str, pl.DataType | type[pl.DataType]]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM ({}) one LIMIT 0").format(query))
        types = connection.connection.adapters.types
        # An array is found under its elements' type.
        known = {column: types.get(column.type_code) for column in cursor.description}
        return {
            column.name: SELECTED.get(info.name if info and info.oid == column.type_code else "", TEXT)
            for column, info in known.items()
        }


def _frames(lines: Path, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.LazyFrame:
    """The lines, a block at a time: polars' own reader takes several parts of a file at once, and maps it whole."""
    transmitted = {name: TRANSMITTED.get(type_, type_) for name, type_ in schema.items()}
    typed = [pl.col(name).cast(type_) for name, type_ in schema.items()]

    def blocks(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        # All of them are None: what is written is every column of every row.
        with lines.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield pl.read_ndjson(block + file.readline(), schema=transmitted).select(typed)

    return register_io_source(blocks, schema=dict(schema))


def _write_lines(query: sql.Composable, columns: Mapping[str, tuple[str, object]], lines: Path) -> int:
    selected: Sequence[sql.Composable] = [
        sql.SQL(expression).format(sql.Identifier(name)) for name, (expression, _) in columns.items()
    ]
    copy = sql.SQL("COPY (SELECT row_to_json(line) FROM (SELECT {} FROM ({}) one) line) TO STDOUT").format(
        sql.SQL(", ").join(selected), query
    )
    with connection.cursor() as cursor:
        with lines.open("wb") as file, cursor.copy(copy) as stream:
            for block in stream:
                # JSON has no control characters, so of COPY's escapes there is only the doubled backslash.
                file.write(bytes(block).replace(b"\\\\", b"\\"))
        rows: int = cursor.rowcount
    return rows
