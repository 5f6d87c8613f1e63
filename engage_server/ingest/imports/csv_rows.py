"""Splits lines into rows of values, so that a row whose quotes do not fit costs itself and no other.

A quote that is not closed makes all that follows look like one value. So where the quotes of a row do not fit, only
its first line is refused and the lines after it are read again. Memory is bounded by the most that one row may hold,
time by the most that may be read again.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engage_server.ingest.imports.text_lines import MOST_LINE_CHARS, damage, is_damaged

# Lines read again, as a multiple of the file: a file made of such quotes must not take the square of its length.
MOST_REREAD: Final = 10
REREAD_AT_ONCE: Final = 2 * MOST_LINE_CHARS
# So many whole rows between two quotes are rows, not the text of one value.
ROWS_IN_A_VALUE: Final = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be read: the number of its first line, from 1, what is wrong, and the lines."""

    line: int
    reason: str
    text: str


class CsvRows:
    """The rows of the lines after the header. ``chars`` counts what has been taken of them."""

    def __init__(self, lines: Iterator[str], *, separator: str, width: int, encoding: str, line: int) -> None:
        self._lines = lines
        self._separator = separator
        self._width = width
        self._encoding = encoding
        self._done = line  # lines before the row at hand
        self._row: list[str] = []  # the lines of the row at hand
        self._again: deque[str] = deque()
        self._reread_chars = 0
        self._held = 0  # characters of the row at hand, once it has several lines
        self._damaged = False
        self.chars = 0

    @property
    def line(self) -> int:
        """The last line of the row at hand."""
        return self._done + len(self._row)

    def __iter__(self) -> Iterator[list[str] | Fault]:
        reader = self._reader()
        while True:
            self._done += len(self._row)
            self._row.clear()
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._refuse_line(f"cannot be read ({error})")
                reader = self._reader()
                continue
            if self._damaged:
                yield self._refuse_row()
            elif len(self._row) > 1 + ROWS_IN_A_VALUE and self._holds_rows():
                yield self._refuse_line("opens a quote that is closed only after further rows")
                reader = self._reader()
            else:
                yield row

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._separator, strict=True)

    def _feed(self) -> Iterator[str]:
        row = self._row
        while True:
            line = self._again.popleft() if self._again else self._fresh()
            if not line:
                return
            row.append(line)
            if len(row) > 1 or len(line) >= MOST_LINE_CHARS:
                self._require_bounds()
            if not line.isascii() and is_damaged(line):
                self._damaged = True
            yield line

    def _fresh(self) -> str:
        line = next(self._lines, "")
        self.chars += len(line)
        return line

    def _require_bounds(self) -> None:
        if self._reread_chars > MOST_REREAD * self.chars + REREAD_AT_ONCE:
            raise csv.Error("a quote is open at its end, as in too many lines before")
        self._held = (self._held if len(self._row) > 2 else len(self._row[0])) + len(self._row[-1])
        if self._held >= MOST_LINE_CHARS:
            raise csv.Error(f"longer than {MOST_LINE_CHARS:,} characters")

    def _holds_rows(self) -> bool:
        parts = self._width - 1
        return parts > 0 and all(line.count(self._separator) == parts for line in self._row[1:-1])

    def _refuse_line(self, reason: str) -> Fault:
        """Refuse the first line; the others of the row come again."""
        first, *others = self._row
        self._again.extendleft(reversed(others))
        self._reread_chars += sum(map(len, others))
        del self._row[1:]
        self._damaged = False
        return Fault(
            self.line, f"{reason}; look for quotes that are not closed or, inside a value, not doubled", first
        )

    def _refuse_row(self) -> Fault:
        self._damaged = False
        return Fault(
            self._done + 1,
            damage(self._encoding),
            "".join(self._row),
        )
