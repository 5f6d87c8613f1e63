"""Text files, compressed or not, as lines of bounded length, with a measure of how far reading has come.

A byte-order mark names the encoding, else it is UTF-8 unless the user names another. Bytes that are not of the encoding cost
their line (see ``is_damaged``), not the file.
"""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, Final, Self

from engage_server.ingest.imports.exceptions import UnreadableFileError

BOM: Final = "\ufeff"
UTF_8: Final = "utf-8"
# The longer marks first: that of UTF-16 begins the one of UTF-32.
MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A line is held whole; what is longer is cut there and has to be refused by its reader.
MOST_LINE_CHARS: Final = 4 * 2**20
# A batch ends early once its lines are so long together, so that memory follows neither rows nor their length.
MOST_BATCH_CHARS: Final = 16 * 2**20
LINES_BETWEEN_NOTES: Final = 100  # of how far reading has come


class TextFile:
    """A text file that is read once, from its beginning; closes with its ``with`` block."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self._path = path
        if encoding is not None:
            _require_known(encoding)
        self._raw: IO[bytes] = path.open("rb")
        self._size = max(path.stat().st_size, 1)
        # Noted by the thread that reads: another one may ask when that has just closed the file.
        self._position = 0
        unpacked = gzip.GzipFile(fileobj=self._raw) if path.suffix.lower() == ".gz" else self._raw
        try:
            with self.reading():
                self.encoding = encoding or _encoding_of(unpacked.peek(4))
        except UnreadableFileError:
            self._raw.close()
            raise
        self._text = TextIOWrapper(unpacked, encoding=self.encoding, errors="surrogateescape", newline="")
        self.lines = self._lines()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._position = self._size
        self._text.close()
        self._raw.close()

    def fraction(self) -> float:
        """Bytes read of the file on disk, 0 to 1."""
        return self._position / self._size

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Damage becomes an error that names file and remedy."""
        try:
            yield
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"{self._path.name} is not in {self.encoding} (byte {error.object[error.start]:#04x}). "
                "Remedy: name its encoding, e.g. --encoding cp1252, and import it again; nothing is stored twice."
            ) from error
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFileError(
                f"{self._path.name} is damaged: {error}. Remedy: fetch it again and import it again; "
                "nothing is stored twice."
            ) from error

    def _lines(self) -> Iterator[str]:
        line = self._text.readline(MOST_LINE_CHARS).removeprefix(BOM)
        count = 0
        while line:
            if count % LINES_BETWEEN_NOTES == 0:
                self._position = self._raw.tell()
            count += 1
            yield line
            if len(line) == MOST_LINE_CHARS:
                self._skip_rest(line)
            line = self._text.readline(MOST_LINE_CHARS)

    def _skip_rest(self, part: str) -> None:
        while part and part[-1] not in "\r\n":
            part = self._text.readline(MOST_LINE_CHARS)


def is_damaged(line: str) -> bool:
    """Whether the line has bytes that are not of the file's encoding."""
    return not line.isascii() and any("\udc80" <= character <= "\udcff" for character in line)


def printable(line: str) -> str:
    """The line without its end, in characters that can be written: a foreign byte as ``\\xff``."""
    return line.rstrip("\r\n").encode(UTF_8, "surrogateescape").decode(UTF_8, "backslashreplace")


def damage(encoding: str) -> str:
    """Why a damaged line cannot be taken, after its subject."""
    return (
        f"has bytes that are not {encoding}; if the whole file has, name its encoding, e.g. --encoding cp1252"
    )


def _encoding_of(head: bytes) -> str:
    return next((encoding for mark, encoding in MARKS if head.startswith(mark)), UTF_8)


def _require_known(encoding: str) -> None:
    try:
        TextIOWrapper(BytesIO(), encoding=encoding)
    except LookupError as error:
        raise UnreadableFileError(
            f"There is no encoding {encoding!r}. Remedy: e.g. utf-8, utf-16, cp1252 or latin-1."
        ) from error
