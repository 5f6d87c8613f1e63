"""Columns of a batch become lists of checked values, a whole column at a time."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import polars as pl

from engage_server.customers.placeholder_ids import is_placeholder, may_hold_placeholder
from engage_server.ingest.imports.exceptions import InvalidValueError

NUL: Final = "\0"


# A whole number as tools that know no null write it, and what is left of a long one after a spreadsheet.
WITH_ZEROS: Final = r"^(-?\d+)\.0+$"
ROUNDED: Final = r"^\d\.\d+[eE]\+\d+$"


@dataclass(frozen=True, slots=True)
class Context:
    """What reading a value depends on besides the value: the tenant's zone, and now.

    ``exact`` texts are taken as they stand, with spaces around them and ``.0`` at the end of ids.
    """

    zone: ZoneInfo
    now: datetime
    future_tolerance: timedelta
    placeholder_ids: frozenset[str] = frozenset()  # the tenant's own, beside the usual ones
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one field for a batch, None where blank; ``problems`` says by row why a value is none."""

    values: list[Any]
    problems: dict[int, InvalidValueError] = field(default_factory=dict)


Parser = Callable[[pl.Series, Context], Column]


def cell_text(value: object) -> str | None:
    """One cell as text; whole floats lose their ``.0``, since tools that know no null write ids as floats."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dict | list | tuple):
        return msgspec.json.encode(value).decode()
    return str(value)


def texts(column: pl.Series) -> pl.Series:
    """A column of any type as trimmed text, null where blank."""
    if column.dtype == pl.Object or column.dtype.is_float() or column.dtype.is_nested():
        column = pl.Series(column.name, [cell_text(value) for value in column.to_list()], dtype=pl.String)
    text = column.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def without_zeros(cells: pl.Series) -> pl.Series:
    """Texts in which ``4711.0`` is ``4711``, which it is in files whose numbers are no texts."""
    if not cells.str.contains(".0", literal=True).any():
        return cells
    return cells.str.replace(WITH_ZEROS, "${1}")


def join_columns(columns: list[pl.Series]) -> pl.Series:
    """Several columns as one text, joined by ``:``; null where any part is blank."""
    frame = pl.DataFrame(
        [without_zeros(texts(column)).alias(str(place)) for place, column in enumerate(columns)]
    )
    return frame.select(pl.concat_str(pl.all(), separator=":")).to_series()


def text(limit: int) -> Parser:
    """Text of at most ``limit`` characters, without the NUL character that PostgreSQL cannot store."""

    def parse(column: pl.Series, context: Context) -> Column:
        cells = _exact(column) if context.exact and column.dtype == pl.String else texts(column)
        return Column(cells.to_list(), _faults(cells, limit))

    return parse


def identifier(limit: int) -> Parser:
    """As ``text``; a whole number is the same id with and without ``.0``, and one that was rounded is none."""

    def parse(column: pl.Series, context: Context) -> Column:
        if context.exact:
            return text(limit)(column, context)
        cells = without_zeros(texts(column))
        problems = _faults(cells, limit)
        if cells.str.contains("+", literal=True).any():
            for row in cells.str.contains(ROUNDED).arg_true():
                problems[row] = InvalidValueError(
                    "ROUNDED_ID", "is a number that lost its last digits in a spreadsheet; export it as text"
                )
        return Column(cells.to_list(), problems)

    return parse


def named(limit: int) -> Parser:
    """The id of a person, device or account; one that stands for nobody, such as ``undefined``, is none.

    Where texts are taken as they stand, they come from an installation that took them before.
    """
    as_identifier = identifier(limit)

    def parse(column: pl.Series, context: Context) -> Column:
        read, own = as_identifier(column, context), context.placeholder_ids
        different = set(read.values)
        if context.exact or not may_hold_placeholder(different, own):
            return read
        nobody = {cell for cell in different if cell and is_placeholder(cell, own)}
        problem = InvalidValueError("PLACEHOLDER_ID", "stands for nobody; leave it blank or give the real id")
        found = {row: problem for row, cell in enumerate(read.values) if cell in nobody}
        return Column(read.values, {**found, **read.problems})

    return parse


def _exact(cells: pl.Series) -> pl.Series:
    return cells.set(cells == "", None)


def _faults(cells: pl.Series, limit: int) -> dict[int, InvalidValueError]:
    problems: dict[int, InvalidValueError] = {}
    for row in (cells.str.len_chars() > limit).arg_true():
        problems[row] = InvalidValueError("TOO_LONG", f"is longer than {limit} characters")
    for row in cells.str.contains(NUL, literal=True).arg_true():
        problems[row] = InvalidValueError("INVALID_TEXT", "contains the NUL character")
    return problems


def each(parse_one: Callable[[str], Any]) -> Parser:
    """A parser that reads each distinct text once with ``parse_one``, which raises InvalidValueError."""

    def parse(column: pl.Series, context: Context) -> Column:
        known: dict[str | None, Any] = {None: None}
        problems: dict[int, InvalidValueError] = {}
        values: list[Any] = []
        for row, cell in enumerate(texts(column).to_list()):
            if cell not in known:
                try:
                    known[cell] = parse_one(cell)
                except InvalidValueError as error:
                    known[cell] = error
            value = known[cell]
            if isinstance(value, InvalidValueError):
                problems[row], value = value, None
            values.append(value)
        return Column(values, problems)

    return parse
