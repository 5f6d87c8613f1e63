"""Opens a file in the format that its name tells."""

from pathlib import Path

from engage_server.ingest.imports.csv_files import CsvSource
from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.ndjson_files import NdjsonSource
from engage_server.ingest.imports.parquet_files import ParquetSource
from engage_server.ingest.imports.sources import Source, format_of


def open_source(path: Path) -> Source:
    """The file, ready to be read.

    Raises:
        UnreadableFileError: it is missing, of no known format, or damaged at its beginning.
    """
    kind = format_of(path)
    if not path.is_file():
        raise UnreadableFileError(f"There is no file {path}. Remedy: check the path.")
    if kind == "csv":
        return CsvSource(path)
    return NdjsonSource(path) if kind == "ndjson" else ParquetSource(path)
