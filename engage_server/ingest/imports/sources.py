"""What every file format offers: the names of its columns, and its rows in batches of bounded size."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.items import Reject


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read, where it does not tell itself: None takes what is found in it."""

    encoding: str | None = None
    separator: str | None = None
    null_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file, column by column.

    ``places`` holds each row's index in the file, from 0; all columns are as long. ``rejects`` are rows that
    have no columns because they could not even be read.
    """

    places: Sequence[int]
    columns: Mapping[str, pl.Series]
    rejects: Sequence[Reject] = ()

    def record(self, row: int) -> dict[str, object]:
        """One row by column name, for a reject."""
        return {name: column.slice(row, 1).to_list()[0] for name, column in self.columns.items()}


class Source(Protocol):
    """An open file."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns that a mapping may ask for, in the file's order."""

    @property
    def repeated(self) -> Sequence[str]:
        """Names that several columns bear, so that none of them can be asked for."""

    @property
    def may_have_more(self) -> bool:
        """Whether later rows may have columns that are not among ``columns``; rows without them are blank there."""

    @property
    def notes(self) -> Sequence[str]:
        """What was found in the file rather than given by the user, for people."""

    def batches(self, wanted: Sequence[str], size: int) -> Iterator[Batch]:
        """The wanted columns in batches of at most ``size`` rows.

        Raises:
            UnreadableFileError: the file is damaged.
        """

    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""


def format_of(path: Path) -> str:
    """The format by the file's name: csv, ndjson or parquet.

    Raises:
        UnreadableFileError: names the endings that are understood.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    elif suffixes and suffixes[-1] == ".parquet":
        return "parquet"
    ending = suffixes[-1] if suffixes else ""
    formats = {".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
    if ending not in formats:
        raise UnreadableFileError(
            f"The name {path.name!r} tells no format. Remedy: let it end in .csv, .tsv, .ndjson, .jsonl (each also "
            "with .gz) or .parquet."
        )
    return formats[ending]
