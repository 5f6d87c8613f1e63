"""Lays documents out on pages of paper; nothing imports it but ``pdf``, since its library comes with the extra ``reports``.

Hangul is set in a font that every reader of PDF brings, so that no font is shipped with a page.
"""

import io
from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any, Final

from reportlab.graphics.shapes import Circle, Line, PolyLine, Rect, String
from reportlab.graphics.shapes import Drawing as Sheet
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, TableStyle
from reportlab.platypus import Table as Drawn

from engage_server.automation.reports.document import Cell, Document, Picture, Table
from engage_server.automation.reports.drawing import TEXT, WIDTH, Box, Dot, Drawing, Label, Stroke, drawn
from engage_server.automation.reports.latin import BEYOND_LATIN
from engage_server.automation.reports.svg import ACCENT, GRID, INK

MARGIN: Final = 42.0
"""Of each side, in points: 15 mm."""
LATIN: Final = "Helvetica"
HANGUL: Final = "HYGothic-Medium"


def laid_out(document: Document, base: str) -> bytes:
    """As ``pdf.as_pdf``."""
    registerFont(UnicodeCIDFont(HANGUL))
    out = io.BytesIO()
    told = f"{document.title}: {document.about}" if document.about else document.title
    template = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=told, author="Engage", lang=document.language, invariant=True,
    )  # fmt: skip
    template.build(_parts(document, base, template.width), onFirstPage=_numbered, onLaterPages=_numbered)
    return out.getvalue()


def _parts(document: Document, base: str, width: float) -> list[Any]:
    parts = [Paragraph(_text(document.title), _style("title", size=18))]
    if document.about:
        parts.append(Paragraph(_text(document.about), _style("about", size=12)))
    parts.append(Paragraph(_text(document.dated), _style("dated", size=9)))
    for picture in document.pictures:
        parts += _drawn(picture, width)
    for table in document.tables:
        parts += _section(table, base, width)
    return parts


def _drawn(picture: Picture, width: float) -> list[Any]:
    """The picture below its title, on one page with it."""
    drawing, scale = drawn(picture), width / WIDTH
    sheet = Sheet(width, drawing.height * scale)
    for shape in _shapes(drawing):
        sheet.add(shape)
    sheet.scale(scale, scale)
    return [
        Paragraph(_text(picture.title), _style("section", size=12, before=14, with_next=True)),
        sheet,
    ]


def _shapes(drawing: Drawing) -> Iterator[Any]:
    """The marks, seen from below as paper has it."""
    for mark in drawing.marks:
        match mark:
            case Stroke(is_grid=True):
                (x, y), (to_x, to_y) = mark.places
                ends = (x, drawing.height - y, to_x, drawing.height - to_y)
                yield Line(*ends, strokeColor=HexColor(GRID), strokeWidth=0.5)
            case Stroke():
                places = [length for x, y in mark.places for length in (x, drawing.height - y)]
                yield PolyLine(places, strokeColor=HexColor(INK), strokeWidth=2)
            case Dot():
                yield Circle(mark.x, drawing.height - mark.y, 3, fillColor=HexColor(INK), strokeColor=None)
            case Box():
                ink = HexColor(ACCENT if mark.is_bad else INK)
                below = drawing.height - mark.y - mark.height
                yield Rect(mark.x, below, mark.width, mark.height, fillColor=ink, strokeColor=None)
            case Label():
                font = HANGUL if BEYOND_LATIN.search(mark.text) else LATIN
                yield String(
                    mark.x,
                    drawing.height - mark.y,
                    mark.text,
                    textAnchor=mark.anchor,
                    fontName=font,
                    fontSize=TEXT,
                )


def _section(table: Table, base: str, width: float) -> list[Any]:
    cell = _style("cell", size=9)
    parts = [Paragraph(_text(table.title), _style("section", size=12, before=14))]
    if table.rows:
        head = [Paragraph(f"<b>{_text(name)}</b>", cell) for name in table.columns]
        rows = [[Paragraph(_marked(one, base), cell) for one in row] for row in table.rows]
        drawn = Drawn(
            [head, *rows], colWidths=[width / len(table.columns)] * len(table.columns), repeatRows=1
        )
        below = ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(GRID))
        drawn.setStyle(
            TableStyle([below, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)])
        )
        parts.append(drawn)
    else:
        parts.append(Paragraph(_text(table.empty), cell))
    if table.note:
        parts.append(Paragraph(_text(table.note), _style("note", size=8)))
    return parts


def _marked(cell: Cell, base: str) -> str:
    text = _text(cell.text)
    if cell.is_bad:
        text = f'<font color="{ACCENT}"><b>{text}</b></font>'
    if cell.share is not None:
        text = f"{text} ({cell.percent}%)"
    return f'<a href="{escape(base + cell.link)}">{text}</a>' if base and cell.link else text


def _text(text: str) -> str:
    """Markup of a text in which nothing is markup: what Latin fonts lack is set in the other one."""
    return "".join(
        f'<font name="{HANGUL}">{escape(part)}</font>' if is_beyond else escape(part)
        for is_beyond, part in (
            (is_beyond, "".join(characters))
            for is_beyond, characters in groupby(text, key=lambda one: BEYOND_LATIN.match(one) is not None)
        )
    )


def _style(name: str, *, size: int, before: float = 0, with_next: bool = False) -> Any:
    return ParagraphStyle(
        name,
        fontName=LATIN,
        fontSize=size,
        leading=size * 1.35,
        spaceBefore=before,
        spaceAfter=3,
        splitLongWords=True,
        keepWithNext=with_next,
    )


def _numbered(canvas: Any, template: Any) -> None:
    canvas.setFont(LATIN, 8)
    canvas.drawRightString(template.pagesize[0] - MARGIN, MARGIN / 2, str(canvas.getPageNumber()))
