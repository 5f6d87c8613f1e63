"""What parts the values of a CSV file: given on the command line, by its first line ``sep=;``, or found in the header."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engage_server.ingest.imports.exceptions import UnreadableFileError

# In the order of preference where the header has as many columns with either.
CANDIDATES: Final = (",", ";", "\t", "|")
NAMES: Final[Mapping[str, str]] = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
}


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, and what parts them; ``found`` says where that was found, if it is worth a word.

    ``lines`` counts what the header takes of the file.
    """

    names: tuple[str, ...]
    separator: str
    found: str
    lines: int


def separator_of(given: str) -> str:
    """The separator by its name or as it is.

    Raises:
        UnreadableFileError: it is more than one character, or one that cannot part values.
    """
    separator = NAMES.get(given.lower(), given)
    if len(separator) != 1 or separator in '"\r\n':
        raise UnreadableFileError(
            f"{given!r} cannot part values. Remedy: one character, or one of {', '.join(NAMES)}."
        )
    return separator


def read_header(lines: Iterator[str], given: str | None) -> Header:
    """Take the header off the lines, and a line ``sep=;`` before it.

    Raises:
        csv.Error: a quote in the header does not close.
    """
    head = [next(lines, "")]
    declared = _declared(head[0])
    if declared is not None:
        head = [next(lines, "")]
    separator, found = given or declared, "in the line sep="
    if separator is None:
        separator = max(CANDIDATES, key=lambda candidate: len(_split(list(head), iter(()), candidate)))
        found = "in the header" if separator != "," else ""
    names = _split(head, lines, separator)
    return Header(names, separator, "" if given else found, len(head) + (declared is not None))


def _declared(line: str) -> str | None:
    text = line.rstrip("\r\n").strip('"')
    return text[4] if len(text) == 5 and text[:4].lower() == "sep=" and text[4] not in '"' else None


def _split(head: list[str], more: Iterator[str], separator: str) -> tuple[str, ...]:
    """The names in ``head``, which takes further lines while a quote is open."""

    def taken() -> Iterator[str]:
        yield from list(head)
        for line in more:
            head.append(line)
            yield line

    return tuple(name.strip() for name in next(csv.reader(taken(), delimiter=separator), []))
