"""CSV, read row by row with the standard library: a malformed row costs itself, not the file."""

import csv
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import msgspec
import polars as pl

from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.sources import Batch
from engage_server.ingest.imports.text_lines import TextFile
from engage_server.ingest.items import Reject


class CsvSource:
    """A CSV file with a header; every value is text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextFile | None = None
        with TextFile(path) as file, file.reading():
            header = next(csv.reader(file.lines), [])
        self.columns: Sequence[str] = tuple(name.strip() for name in header)
        repeated = sorted({name for name in self.columns if not name or self.columns.count(name) > 1})
        if repeated or not self.columns:
            raise UnreadableFileError(
                f"The header of {path.name} is empty or names a column twice ({', '.join(map(repr, repeated))}). "
                "Remedy: give every column a name of its own in the first line."
            )

    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return 0.0 if self._file is None else self._file.fraction()

    def batches(self, wanted: Sequence[str], size: int) -> Iterator[Batch]:
        """The wanted columns in batches; see ``Source``."""
        with TextFile(self._path) as file, file.reading():
            self._file = file
            reader = csv.reader(file.lines)
            next(reader)
            places: list[int] = []
            rows: list[list[str]] = []
            rejects: list[Reject] = []
            for place in count():
                try:
                    row = next(reader)
                except StopIteration:
                    break
                except csv.Error as error:
                    rejects.append(_malformed(place, reader.line_num, f"cannot be read ({error})", []))
                    continue
                if len(row) == len(self.columns):
                    places.append(place)
                    rows.append(row)
                elif row:
                    fault = f"has {len(row)} values where the header has {len(self.columns)}"
                    rejects.append(_malformed(place, reader.line_num, fault, row))
                if len(rows) + len(rejects) >= size:
                    yield self._batch(wanted, places=places, rows=rows, rejects=rejects)
                    places, rows, rejects = [], [], []
            yield self._batch(wanted, places=places, rows=rows, rejects=rejects)

    def _batch(
        self, wanted: Sequence[str], *, places: list[int], rows: list[list[str]], rejects: list[Reject]
    ) -> Batch:
        columns = {}
        for name in wanted:
            place = self.columns.index(name)
            columns[name] = pl.Series(name, [row[place] for row in rows], dtype=pl.String)
        return Batch(places, columns, rejects)


def _malformed(place: int, line: int, fault: str, row: list[str]) -> Reject:
    return Reject(
        place,
        "MALFORMED_ROW",
        f"The row that ends in line {line} {fault}; look for stray commas, quotes and line breaks.",
        msgspec.json.encode({"_values": row}).decode(),
    )
