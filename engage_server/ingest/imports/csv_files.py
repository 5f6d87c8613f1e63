"""CSV, read row by row with the standard library: a malformed row costs itself, not the file."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from engage_server.ingest.imports.blanks import without_words
from engage_server.ingest.imports.csv_rows import CsvRows, Fault
from engage_server.ingest.imports.csv_separators import Header, read_header
from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.sources import Batch, Reading
from engage_server.ingest.imports.text_lines import (
    BOM,
    MOST_BATCH_CHARS,
    UTF_8,
    TextFile,
    is_damaged,
    printable,
)
from engage_server.ingest.items import Reject
from engage_server.tenancy.formulas import APOSTROPHE, GUARDED

# What databases, dataframes and their tools write for null, which CSV does not have. An empty value is one anyhow.
NULL_WORDS: Final = frozenset(
    {r"\N", "NULL", "null", "(null)", "[NULL]", "<null>", "<NULL>", "NaN", "nan", "NaT", "<NA>"}
)


class CsvSource:
    """A CSV file with a header; every value is text."""

    may_have_more = False

    def __init__(self, path: Path, reading: Reading | None = None) -> None:
        self._path = path
        self._reading = reading or Reading()
        self._null_words = NULL_WORDS | self._reading.null_words
        self._file: TextFile | None = None
        with self._open() as file, file.reading():
            self._header = self._read_header(file)
        names = self._header.names
        self.repeated: Sequence[str] = tuple(
            sorted({name for name in names if name and names.count(name) > 1})
        )
        self.columns: Sequence[str] = tuple(name for name in names if name and name not in self.repeated)
        if not self.columns:
            raise UnreadableFileError(
                f"The header of {path.name} is empty or names every column twice. "
                "Remedy: give every column a name of its own in the first line."
            )
        self.notes: Sequence[str] = tuple(self._notes(file.encoding))

    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return 0.0 if self._file is None else self._file.fraction()

    def batches(self, wanted: Sequence[str], size: int) -> Iterator[Batch]:
        """The wanted columns in batches; see ``Source``."""
        with self._open() as file, file.reading():
            self._file = file
            header = self._read_header(file)
            width, names = len(header.names), frozenset(header.names)
            rows = CsvRows(
                file.lines,
                separator=header.separator,
                width=width,
                encoding=file.encoding,
                line=header.lines,
            )
            places: list[int] = []
            values: list[list[str]] = []
            rejects: list[Reject] = []
            most_chars = MOST_BATCH_CHARS
            for place, row in enumerate(rows):
                if isinstance(row, Fault):
                    rejects.append(_reject(place, row))
                # Nearly all rows are such: as wide as the header, and their first value begins with a plain character.
                elif len(row) == width and (first := row[0]) and " " < first[0] < BOM and first not in names:
                    places.append(place)
                    values.append(row)
                elif self._is_no_row(row):
                    continue
                elif (kept := self._fit(row)) is not None:
                    places.append(place)
                    values.append(kept)
                else:
                    rejects.append(_of_other_length(place, rows.line, row, width))
                if len(values) + len(rejects) >= size or rows.chars >= most_chars:
                    yield self._batch(wanted, places=places, rows=values, rejects=rejects)
                    places, values, rejects = [], [], []
                    most_chars = rows.chars + MOST_BATCH_CHARS
            yield self._batch(wanted, places=places, rows=values, rejects=rejects)

    def _open(self) -> TextFile:
        return TextFile(self._path, self._reading.encoding)

    def _read_header(self, file: TextFile) -> Header:
        try:
            header = read_header(file.lines, self._reading.separator)
        except csv.Error as error:
            raise UnreadableFileError(
                f"The header of {self._path.name} cannot be read ({error}). Remedy: correct its quotes."
            ) from error
        joined = "".join(header.names)
        if is_damaged(joined) or "\0" in joined:
            raise UnreadableFileError(
                f"The header of {self._path.name} is not in {file.encoding}: {printable(joined[:80])!r}. "
                "Remedy: name its encoding, e.g. --encoding cp1252 or --encoding utf-16-le."
            )
        return header

    def _notes(self, encoding: str) -> Iterator[str]:
        header = self._header
        if header.found:
            yield (
                f"values are parted by {header.separator!r} (found {header.found}; --separator says another)"
            )
        if self._reading.encoding is None and encoding != UTF_8:
            yield f"the file is in {encoding} (found at its beginning)"
        if unnamed := header.names.count(""):
            yield f"columns without a name, passed over: {unnamed}"
        if self.repeated:
            yield f"columns of the same name, passed over: {', '.join(self.repeated)}"

    def _is_no_row(self, row: list[str]) -> bool:
        """Whether it is blank, or the header once more, as where files were put together."""
        if not row or not (row[0] or any(row)):
            return True
        if row[0].strip().removeprefix(BOM) not in self._header.names:
            return not any(map(str.strip, row))
        names = [name.strip().removeprefix(BOM) for name in row]
        if tuple(names) == self._header.names:
            return True
        if len(self.columns) > 1 and sorted(names) == sorted(self._header.names):
            raise UnreadableFileError(
                f"{self._path.name} has a second header whose columns stand in another order: {', '.join(names)}. "
                "Remedy: import the files that were put together one by one; nothing is stored twice."
            )
        return False

    def _fit(self, row: list[str]) -> list[str] | None:
        """The row as wide as the header, without values beyond it that are blank; None if it is of another width."""
        width = len(self._header.names)
        if len(row) == width:
            return row
        if len(row) > width and not any(map(str.strip, row[width:])):
            return row[:width]
        return None

    def _batch(
        self, wanted: Sequence[str], *, places: list[int], rows: list[list[str]], rejects: list[Reject]
    ) -> Batch:
        columns = {}
        for name in wanted:
            place = self._header.names.index(name)
            column = pl.Series(name, [row[place] for row in rows], dtype=pl.String)
            columns[name] = _unguarded(without_words(column, self._null_words))
        return Batch(places, columns, rejects)


def _reject(place: int, fault: Fault) -> Reject:
    payload = msgspec.json.encode({"_line": printable(fault.text)}).decode()
    return Reject(place, "MALFORMED_ROW", f"The row in line {fault.line} {fault.reason}.", payload)


def _of_other_length(place: int, line: int, row: list[str], width: int) -> Reject:
    return Reject(
        place,
        "MALFORMED_ROW",
        f"The row that ends in line {line} has {len(row)} values where the header has {width}; "
        "look for stray separators, quotes and line breaks.",
        msgspec.json.encode({"_values": row}).decode(),
    )


def _unguarded(column: pl.Series) -> pl.Series:
    """A column of texts without the apostrophes that guard formulas."""
    if not column.str.starts_with(APOSTROPHE).any():
        return column
    return column.str.replace(GUARDED, "${1}")
