"""A report's content, apart from how it is shown: tables of cells, each with where it is explained. Pure."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

# What a spreadsheet would take for a formula; numbers are none.
FORMULA: Final = re.compile(r"[=+\-@\t\r]")
NUMBER: Final = re.compile(r"[+-]?[0-9][0-9,.]*%?")


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and where it leads below the server's root. ``share`` is drawn as a bar, 0 to 1. ``is_bad``: it stands out."""

    text: str
    link: str = ""
    share: float | None = None
    is_bad: bool = False

    @property
    def percent(self) -> int:
        """The bar's width."""
        return round(100 * min(1.0, max(0.0, self.share or 0.0)))


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``empty`` is said where there are no rows; ``note`` stands below."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure day by day, to be drawn; None where it may not be shown, or there is none."""

    title: str
    unit: str
    points: tuple[tuple[date, float | None], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Figures of several things beside each other, to be drawn; what is below zero stands out."""

    title: str
    unit: str
    bars: tuple[tuple[str, float], ...]


Picture = Curve | Bars


@dataclass(frozen=True, slots=True)
class Document:
    """``dated`` says of which day the figures are. ``pictures`` show what stands in the tables, and the way to it."""

    title: str
    about: str
    day: date | None
    dated: str
    language: str
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...] = ()


def as_csv(document: Document) -> str:
    """All tables below each other, the title of each in its first column; nothing in it is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_safe(document.title), _safe(document.about), document.day or ""])
    for table in document.tables:
        writer.writerow([])
        writer.writerow([_safe(table.title), *map(_safe, table.columns)])
        writer.writerows(["", *(_safe(cell.text) for cell in row)] for row in table.rows)
    return out.getvalue()


def as_text(document: Document, *, base: str = "") -> str:
    """For who reads plain text; ``base`` is what links begin with, without which there are none."""
    return "\n".join(_lines(document, base))


def _lines(document: Document, base: str) -> Iterator[str]:
    yield f"{document.title}: {document.about}" if document.about else document.title
    yield document.dated
    for table in document.tables:
        yield ""
        yield table.title.upper()
        for row in table.rows:
            yield "  " + _row(table.columns, row)
            links = [cell.link for cell in row if cell.link]
            if base and links:
                yield f"    {base}{links[0]}"
        if not table.rows:
            yield f"  {table.empty}"
        if table.note:
            yield f"  {table.note}"


def _row(columns: Sequence[str], row: Row) -> str:
    first, *others = row
    told = [f"{name}: {cell.text}" for name, cell in zip(columns[1:], others, strict=True) if cell.text]
    return "; ".join([first.text, *told])


def _safe(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text
