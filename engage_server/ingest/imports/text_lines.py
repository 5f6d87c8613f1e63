"""Text files, compressed or not, as lines of UTF-8, with a measure of how far reading has come."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Self

from engage_server.ingest.imports.exceptions import UnreadableFileError


class TextFile:
    """A text file that is read once, from its beginning; closes with its ``with`` block."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._raw: IO[bytes] = path.open("rb")
        self._size = max(path.stat().st_size, 1)
        unpacked = gzip.GzipFile(fileobj=self._raw) if path.suffix.lower() == ".gz" else self._raw
        self.lines = TextIOWrapper(unpacked, encoding="utf-8-sig", newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.lines.close()
        self._raw.close()

    def fraction(self) -> float:
        """Bytes read of the file on disk, 0 to 1."""
        return 1.0 if self._raw.closed else self._raw.tell() / self._size

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Damage becomes an error that names file and remedy."""
        try:
            yield
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"{self._path.name} is not in UTF-8 (byte {error.object[error.start]:#04x}). "
                "Remedy: convert it, e.g. iconv -f latin1 -t utf-8, and import it again; nothing is stored twice."
            ) from error
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFileError(
                f"{self._path.name} is damaged: {error}. Remedy: fetch it anew and import it again; "
                "nothing is stored twice."
            ) from error
