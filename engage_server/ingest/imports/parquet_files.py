"""Parquet, read by polars in slices: only the wanted columns, and of a large row group only the pages of the slice."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
import polars as pl
from polars.exceptions import PanicException, PolarsError

from engage_server.ingest.imports.blanks import without_words
from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.parquet_uuids import uuid_columns
from engage_server.ingest.imports.sources import Batch, Reading
from engage_server.ingest.items import Reject

# Small enough that row groups of a million rows, which the streaming engine would hold whole and several at once, take
# no memory; large enough that skipping the pages before the slice takes a twentieth of an import's time.
SLICE_ROWS: Final = 20_000
# Beyond these, in some zone, Python has no moments; databases write infinity as the greatest number that there is.
FIRST_DAY: Final = (date(1, 1, 2) - date(1970, 1, 1)).days
LAST_DAY: Final = (date(9999, 12, 31) - date(1970, 1, 1)).days
DAY: Final = {"ms": 86_400 * 10**3, "us": 86_400 * 10**6}
# In nanoseconds the greatest number is a day of the year 2262, at which dataframes end too.
LAST_NS: Final = 2**63 - 10**9


class ParquetSource:
    """A Parquet file; values keep their types."""

    repeated: Sequence[str] = ()
    notes: Sequence[str] = ()
    may_have_more = False

    def __init__(self, path: Path, reading: Reading | None = None) -> None:
        self._path = path
        self._null_words = (reading or Reading()).null_words
        self._read = 0
        try:
            self._frame = pl.scan_parquet(path, glob=False)
            self.columns: Sequence[str] = tuple(self._frame.collect_schema().names())
            self._height = int(self._frame.select(pl.len()).collect().item())
        except (PolarsError, PanicException) as error:
            raise UnreadableFileError(
                f"{path.name} cannot be read as Parquet: {error}. Remedy: fetch it again; leave out columns of "
                "types that only databases have, such as intervals."
            ) from error
        self._uuids = uuid_columns(path)

    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self._read / self._height if self._height else 1.0

    def batches(self, wanted: Sequence[str], size: int) -> Iterator[Batch]:
        """The wanted columns in batches; see ``Source``."""
        self._read, rows = 0, max(size, SLICE_ROWS)
        wanted_frame = self._frame.select(wanted)
        try:
            for start in range(0, self._height, rows):
                chunk = wanted_frame.slice(start, rows).collect()
                for frame in chunk.iter_slices(size):
                    first = self._read
                    self._read += frame.height
                    yield self._batch(frame, first)
        except (PolarsError, PanicException) as error:
            raise UnreadableFileError(
                f"{self._path.name} is damaged after row {self._read:,}: {error}. Remedy: fetch it again and "
                "import it again; nothing is stored twice."
            ) from error

    def _batch(self, frame: pl.DataFrame, first: int) -> Batch:
        columns = {column.name: self._plain(column) for column in frame}
        faults: dict[int, str] = {}
        for name, column in columns.items():
            if frame[name].dtype == pl.Binary:
                for row in (column.is_null() & frame[name].is_not_null()).arg_true():
                    faults.setdefault(row, name)
        if not faults:
            return Batch(range(first, first + frame.height), columns)
        kept = [row for row in range(frame.height) if row not in faults]
        return Batch(
            [first + row for row in kept],
            {name: column.gather(kept) for name, column in columns.items()},
            [_not_text(frame, first, row, faults[row]) for row in sorted(faults)],
        )

    def _plain(self, column: pl.Series) -> pl.Series:
        """The column in a type that Python has: text for bytes, null where they are none, and no infinite times."""
        if column.name in self._uuids:
            return pl.Series(column.name, [_uuid(value) for value in column], dtype=pl.String)
        if column.dtype == pl.Binary:
            column = _text(column)
        elif column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
            return _finite(column)
        return without_words(column, self._null_words)


def _uuid(value: bytes | None) -> str | None:
    return None if value is None else str(UUID(bytes=value))


def _text(column: pl.Series) -> pl.Series:
    try:
        return column.cast(pl.String)
    except PolarsError:
        return pl.Series(column.name, [_decode(value) for value in column], dtype=pl.String)


def _decode(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _finite(column: pl.Series) -> pl.Series:
    physical = column.to_physical()
    if column.dtype == pl.Date:
        return physical.clip(FIRST_DAY, LAST_DAY).cast(pl.Date)
    if column.dtype.time_unit == "ns":  # type: ignore[attr-defined]
        type_ = pl.Datetime("us", column.dtype.time_zone)  # type: ignore[attr-defined]
        micros = (physical // 1000).set(physical >= LAST_NS, LAST_DAY * DAY["us"])
        return micros.set(physical <= -LAST_NS, FIRST_DAY * DAY["us"]).cast(type_)
    a_day = DAY[column.dtype.time_unit]  # type: ignore[attr-defined]
    return physical.clip(FIRST_DAY * a_day, LAST_DAY * a_day).cast(column.dtype)


def _not_text(frame: pl.DataFrame, first: int, row: int, column: str) -> Reject:
    """The reject of a row whose bytes are no text; shows them as ``\\xff``."""
    values = {
        name: value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)
        for name, value in frame.row(row, named=True).items()
        if value is not None
    }
    message = f"column {column} has bytes that are not UTF-8."
    return Reject(first + row, "INVALID_TEXT", message, msgspec.json.encode({"_values": values}).decode())
