"""Reads the events of person-days in bulk: PostgreSQL sends whole arrays as bytes, of which columns are made here.

To unnest them there would make a row of each event, which takes many times as long; to read a row for each person-day
would make as many objects of Python.
"""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl
from django.db import connection

from engage_server.sdk.inputs.base import UTC_TIME

# ``days`` has the columns person, account, day, names and times. A value for each day, since one for all could grow
# beyond what PostgreSQL takes for a value. The aggregates of a group take its rows in the same order.
ARRAYS: Final = """
    COPY (
        SELECT string_agg(int4send(person), ''), string_agg(int4send(account), ''),
               string_agg(int4send(cardinality(times)), ''), string_agg(array_send(times), ''),
               string_agg({names}, '')
        FROM ({days}) day GROUP BY day.day
    ) TO STDOUT (FORMAT BINARY)
"""
COLUMNS: Final = 5
# An array is sent as dimension, flags, type of elements, length and lower bound, then each element after its length.
HEADER_WORDS: Final = 5
TIME_WORDS: Final = 3
NAME_WORDS: Final = 2
# PostgreSQL counts microseconds from the year 2000.
ITS_EPOCH: Final = 946_684_800_000_000


def read_arrays(days: str, params: Mapping[str, Any], *, with_names: bool) -> pl.DataFrame:
    """Columns person, account (null: none), at and name (the number; null without ``with_names``): a row for each event.

    Those of a person-day stand together, in order of time; person-days by person and time of the first event.

    Args:
        days: a statement with the columns person, account, day, names and times, which run in parallel.
        params: its parameters.
        with_names: whether the names are read.
    """
    names = "array_send(names)" if with_names else "''::bytea"
    statement = ARRAYS.format(names=names, days=days)
    # The driver's own cursor: Django's, where it notes statements, takes no parameters of COPY.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.cursor.copy(statement, params) as copy,
    ):
        copy.set_types(["bytea"] * COLUMNS)
        parts = list(copy.rows())
    persons, accounts, sizes, times, numbers = (
        _words(b"".join(part[column] for part in parts)) for column in range(COLUMNS)
    )
    rows = pl.DataFrame({"person": persons, "account": accounts, "size": sizes}).cast(pl.Int64)
    rows = rows.with_row_index("row").cast({"row": pl.Int64})
    rows = rows.with_columns(before=pl.col("size").cum_sum() - pl.col("size"))
    first = _times(times, rows["row"], rows["before"])
    elements = (
        rows.with_columns(first=first)
        .sort("person", "first", "account")
        .select("person", "account", "row", "before", place=pl.int_ranges(0, pl.col("size")))
        .explode("place")
    )
    place = elements["before"] + elements["place"]
    name = (
        numbers.gather(HEADER_WORDS * (elements["row"] + 1) + NAME_WORDS * place + 1).cast(pl.Int64)
        if with_names
        else pl.lit(None, pl.Int64)
    )
    return elements.select(
        "person",
        account=pl.when(pl.col("account") != 0).then("account"),
        at=_times(times, elements["row"], place).cast(UTC_TIME),
        name=name,
    )


def _words(data: bytes) -> pl.Series:
    if not data:
        return pl.Series(dtype=pl.UInt32)
    words = pl.Array(pl.UInt32, len(data) // 4)
    return pl.Series([data]).bin.reinterpret(dtype=words, endianness="big").explode()


def _times(words: pl.Series, row: pl.Series, place: pl.Series) -> pl.Series:
    """The microseconds of elements, by the number of their row and of all elements before them."""
    high = HEADER_WORDS * (row + 1) + TIME_WORDS * place + 1
    halves = words.gather(high).cast(pl.UInt64) * 2**32 + words.gather(high + 1)
    return halves.reinterpret(signed=True) + ITS_EPOCH
