"""NDJSON: one JSON object a line; the members of a nested object are columns too, as ``outer.inner``."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from engage_server.ingest.imports.blanks import without_words
from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.sources import Batch, Reading
from engage_server.ingest.imports.text_lines import (
    MOST_BATCH_CHARS,
    MOST_LINE_CHARS,
    UTF_8,
    TextFile,
    damage,
    is_damaged,
    printable,
)
from engage_server.ingest.items import Reject

SAMPLE_LINES: Final = 10_000  # objects may differ in their members: the columns are those of so many lines


class NdjsonSource:
    """An NDJSON file; values keep their JSON types."""

    repeated: Sequence[str] = ()

    def __init__(self, path: Path, reading: Reading | None = None) -> None:
        self._path = path
        self._reading = reading or Reading()
        self._file: TextFile | None = None
        self.may_have_more = False
        self.notes: Sequence[str] = ()
        self.columns: Sequence[str] = self._sample()
        if not self.columns:
            raise UnreadableFileError(
                f"{path.name} has no JSON object in its first {SAMPLE_LINES:,} lines. "
                "Remedy: write one object a line, without brackets around them."
            )

    def _sample(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        with self._open() as file, file.reading():
            for line in islice(file.lines, SAMPLE_LINES):
                for name, value in (_object(line) or {}).items():
                    found[name] = None
                    if isinstance(value, dict):
                        found.update(dict.fromkeys(f"{name}.{inner}" for inner in value))
            self.may_have_more = next(file.lines, None) is not None
            if self._reading.encoding is None and file.encoding != UTF_8:
                self.notes = (f"the file is in {file.encoding} (found at its beginning)",)
        return tuple(found)

    def _open(self) -> TextFile:
        return TextFile(self._path, self._reading.encoding)

    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return 0.0 if self._file is None else self._file.fraction()

    def batches(self, wanted: Sequence[str], size: int) -> Iterator[Batch]:
        """The wanted columns in batches; see ``Source``."""
        with self._open() as file, file.reading():
            self._file = file
            for lines in in_batches(file.lines, size):
                yield self._batch(lines, wanted, file.encoding)

    def _batch(self, lines: list[tuple[int, str]], wanted: Sequence[str], encoding: str) -> Batch:
        places: list[int] = []
        records: list[dict[str, Any]] = []
        rejects: list[Reject] = []
        for place, line in lines:
            record = _object(line)
            if record is None:
                rejects.append(_reject(place, line, encoding))
            else:
                places.append(place)
                records.append(record)
        columns = {}
        for name in wanted:
            column = pl.Series(name, [_member(record, name) for record in records], dtype=pl.Object)
            columns[name] = without_words(column, self._reading.null_words)
        return Batch(places, columns, rejects)


def in_batches(lines: Iterator[str], size: int) -> Iterator[list[tuple[int, str]]]:
    """Lines that are not blank with their places from 0, at most ``size`` at once, fewer where they are long."""
    batch: list[tuple[int, str]] = []
    chars = 0
    for place, line in enumerate(lines):
        if line.isspace():
            continue
        batch.append((place, line))
        chars += len(line)
        if len(batch) >= size or chars >= MOST_BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _reject(place: int, line: str, encoding: str) -> Reject:
    reason = "is no JSON object; write one object a line"
    if len(line) >= MOST_LINE_CHARS:
        reason = f"is longer than {MOST_LINE_CHARS:,} characters"
    elif is_damaged(line):
        reason = damage(encoding)
    payload = msgspec.json.encode({"_line": printable(line)}).decode()
    return Reject(place, "MALFORMED_ROW", f"Line {place + 1} {reason}.", payload)


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(line)
    except (
        msgspec.DecodeError,
        UnicodeEncodeError,
    ):  # the latter where it has bytes that are not of the encoding
        return None
    return value if isinstance(value, dict) else None


def _member(record: dict[str, Any], name: str) -> object:
    if name in record:
        return record[name]
    outer, _, inner = name.partition(".")
    nested = record.get(outer)
    return nested.get(inner) if isinstance(nested, dict) else None
