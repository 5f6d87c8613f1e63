"""NDJSON: one JSON object a line; the members of a nested object are columns too, as ``outer.inner``."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.sources import Batch
from engage_server.ingest.imports.text_lines import TextFile
from engage_server.ingest.items import Reject

SAMPLE_LINES: Final = 10_000  # objects may differ in their members: the columns are those of so many lines


class NdjsonSource:
    """An NDJSON file; values keep their JSON types."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextFile | None = None
        self.columns: Sequence[str] = self._sample()
        if not self.columns:
            raise UnreadableFileError(
                f"{path.name} has no JSON object in its first {SAMPLE_LINES:,} lines. "
                "Remedy: write one object a line, without brackets around them."
            )

    def _sample(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        with TextFile(self._path) as file, file.reading():
            for line in islice(file.lines, SAMPLE_LINES):
                record = _object(line)
                for name, value in (record or {}).items():
                    found[name] = None
                    if isinstance(value, dict):
                        found.update(dict.fromkeys(f"{name}.{inner}" for inner in value))
        return tuple(found)

    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return 0.0 if self._file is None else self._file.fraction()

    def batches(self, wanted: Sequence[str], size: int) -> Iterator[Batch]:
        """The wanted columns in batches; see ``Source``."""
        with TextFile(self._path) as file, file.reading():
            self._file = file
            numbered = enumerate(file.lines)
            while lines := list(islice(numbered, size)):
                yield _batch([(place, line) for place, line in lines if line.strip()], wanted)


def _batch(lines: list[tuple[int, str]], wanted: Sequence[str]) -> Batch:
    places: list[int] = []
    records: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for place, line in lines:
        record = _object(line)
        if record is None:
            message = f"Line {place + 1} is no JSON object; write one object a line."
            rejects.append(Reject(place, "MALFORMED_ROW", message, _raw(line)))
        else:
            places.append(place)
            records.append(record)
    columns = {
        name: pl.Series(name, [_member(record, name) for record in records], dtype=pl.Object)
        for name in wanted
    }
    return Batch(places, columns, rejects)


def _raw(line: str) -> str:
    return msgspec.json.encode({"_line": line.rstrip("\r\n")}).decode()


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    return value if isinstance(value, dict) else None


def _member(record: dict[str, Any], name: str) -> object:
    if name in record:
        return record[name]
    outer, _, inner = name.partition(".")
    nested = record.get(outer)
    return nested.get(inner) if isinstance(nested, dict) else None
