"""Parquet, read by polars in slices: only the wanted columns, and of a large row group only the pages of the slice."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.sources import Batch

# Small enough that row groups of a million rows, which the streaming engine would hold whole and several at once, take
# no memory; large enough that skipping the pages before the slice takes a twentieth of an import's time.
SLICE_ROWS: Final = 20_000


class ParquetSource:
    """A Parquet file; values keep their types."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        try:
            self._frame = pl.scan_parquet(path, glob=False)
            self.columns: Sequence[str] = tuple(self._frame.collect_schema().names())
            self._height = int(self._frame.select(pl.len()).collect().item())
        except PolarsError as error:
            raise UnreadableFileError(f"{path.name} cannot be read as Parquet: {error}.") from error

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
                    places = range(self._read, self._read + frame.height)
                    self._read += frame.height
                    yield Batch(places, {column.name: column for column in frame})
        except PolarsError as error:
            raise UnreadableFileError(
                f"{self._path.name} is damaged after row {self._read:,}: {error}. Remedy: fetch it anew and "
                "import it again; nothing is stored twice."
            ) from error
