"""What a file is that is imported by request, and what its columns mean; refused before a byte of it is taken."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from engage_server.activity.sources import source_kind
from engage_server.ingest.imports.csv_separators import separator_of
from engage_server.ingest.imports.exceptions import MappingError
from engage_server.ingest.imports.exports import SHAPES
from engage_server.ingest.imports.kinds import KINDS

LONGEST_SOURCE: Final = 63
LONGEST_TEXT: Final = 1_000  # characters of a name of columns, or of a constant
MOST_COLUMNS: Final = 100  # mapped, constant or kept
MOST_NULL_WORDS: Final = 20
# By Python's names: single bytes, and what is written in China, Japan and Korea. Others may take far longer to read.
ENCODINGS: Final = frozenset(
    {
        *("ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"iso8859-{number}" for number in range(1, 17)),
        *("koi8-r", "koi8-u", "mac-roman", "euc_kr", "cp949", "shift_jis", "cp932", "euc_jp", "gb2312", "gbk"),
        *("gb18030", "big5"),
    }
)  # fmt: skip


class FileFormat(StrEnum):
    """How a file is written."""

    CSV = "CSV"
    NDJSON = "NDJSON"
    PARQUET = "PARQUET"


class ImportFault(StrEnum):
    """Why an import failed."""

    MAPPING = "MAPPING"
    UNREADABLE_FILE = "UNREADABLE_FILE"
    GIVEN_UP = "GIVEN_UP"
    PERSON_ERASED = "PERSON_ERASED"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """As the options of ``manage.py import``, which explains them; ``is_packed`` by gzip."""

    kind: str
    format: FileFormat
    is_packed: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    extras: tuple[str, ...] = ()
    separator: str | None = None
    encoding: str | None = None
    null_words: tuple[str, ...] = ()
    exact: bool = False
    source: str = "import"
    dry_run: bool = False

    @property
    def file_name(self) -> str:
        """A name that tells the format; the file is unpacked by then."""
        return f"file.{self.format.value.lower()}"


def require_sound(request: ImportRequest) -> None:
    """Refuse what cannot be meant, whatever the file holds; inside the tenant's scope.

    Raises:
        MappingError: something is too long, or does not go together.
        UnreadableFileError: the separator can part nothing.
    """
    _require_bounded(request)
    if request.kind in SHAPES:
        _require_bare(request)
    elif request.kind not in KINDS:
        raise MappingError(
            f"There is nothing of the kind {request.kind!r}. Remedy: one that `import --help` lists."
        )
    if request.separator is not None and request.format is not FileFormat.CSV:
        raise MappingError("Only a CSV file has a separator. Remedy: leave it out.")
    if request.format is FileFormat.PARQUET and (request.encoding is not None or request.is_packed):
        raise MappingError("A Parquet file has no encoding and is packed in itself. Remedy: leave both out.")
    if request.separator is not None:
        separator_of(request.separator)
    if request.encoding is not None:
        _require_encoding(request.encoding)
    if source_kind(request.source).is_test:
        raise MappingError(
            f"{request.source!r} is a test source, and what is imported counts. Remedy: another source."
        )


def _require_bare(request: ImportRequest) -> None:
    if request.format is not FileFormat.NDJSON:
        raise MappingError("An export of another tool is a JSON object a line. Remedy: the format NDJSON.")
    if request.columns or request.constants or request.extras or request.null_words or request.exact:
        raise MappingError(
            "An export of another tool is taken as it is. Remedy: no columns and no constants."
        )


def _require_bounded(request: ImportRequest) -> None:
    if len(request.columns) + len(request.constants) + len(request.extras) > MOST_COLUMNS:
        raise MappingError(f"Too many columns are mapped. Remedy: at most {MOST_COLUMNS}.")
    if len(request.null_words) > MOST_NULL_WORDS:
        raise MappingError(f"Too many words stand for blank. Remedy: at most {MOST_NULL_WORDS}.")
    texts = [
        *request.columns, *request.columns.values(), *request.constants, *request.constants.values(), *request.extras,
        *request.null_words,
    ]  # fmt: skip
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise MappingError(f"A name or a constant is too long. Remedy: at most {LONGEST_TEXT:,} characters.")
    if not 1 <= len(request.source) <= LONGEST_SOURCE:
        raise MappingError(
            f"The source's name is empty or too long. Remedy: 1 to {LONGEST_SOURCE} characters."
        )


def _require_encoding(name: str) -> None:
    try:
        is_known = name.isascii() and len(name) <= LONGEST_SOURCE and codecs.lookup(name).name in ENCODINGS
    except LookupError:
        is_known = False
    if not is_known:
        raise MappingError(f"Files in {name!r} are not read. Remedy: e.g. utf-8, utf-16, cp1252, latin-1.")
