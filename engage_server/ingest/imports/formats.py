"""Opens a file in the format that its name tells, and notices if it changes while it is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engage_server.ingest.imports.csv_files import CsvSource
from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.ndjson_files import NdjsonSource
from engage_server.ingest.imports.parquet_files import ParquetSource
from engage_server.ingest.imports.sources import Reading, Source, format_of


def open_source(path: Path, reading: Reading | None = None) -> Source:
    """The file, ready to be read.

    Raises:
        UnreadableFileError: it is missing, of no known format, or damaged at its beginning; or ``reading`` says
            what only files of another format have.
    """
    kind, reading = format_of(path), reading or Reading()
    require_file(path)
    if reading.separator is not None and kind != "csv":
        raise UnreadableFileError(f"{path.name} is no CSV file. Remedy: leave --separator out.")
    if reading.encoding is not None and kind == "parquet":
        raise UnreadableFileError(f"{path.name} is no text file. Remedy: leave --encoding out.")
    if kind == "csv":
        return CsvSource(path, reading)
    return NdjsonSource(path, reading) if kind == "ndjson" else ParquetSource(path, reading)


def require_file(path: Path) -> None:
    """Refuse what is missing, or cannot be read twice.

    Raises:
        UnreadableFileError: it is so.
    """
    if not path.exists():
        raise UnreadableFileError(f"There is no file {path}. Remedy: check the path.")
    if not path.is_file():
        raise UnreadableFileError(
            f"{path} is no file but a folder or a pipe. Remedy: save it to a file first."
        )


@contextmanager
def require_unchanged(path: Path) -> Iterator[None]:
    """The file stays as it is while the block reads it.

    Raises:
        UnreadableFileError: it was written or replaced meanwhile.
    """
    before = _state(path)
    yield
    if _state(path) != before:
        raise UnreadableFileError(
            f"{path.name} changed while it was read. Remedy: import it again once it is whole; "
            "nothing is stored twice."
        )


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
