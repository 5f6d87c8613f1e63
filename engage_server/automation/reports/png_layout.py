"""Paints pictures of reports; nothing imports it but ``png``, since its libraries come with the extra ``reports``.

The letters are those that reportlab brings, which are Latin: what has others goes by its number from the top.
"""

import io
from pathlib import Path
from typing import Final

import reportlab
from PIL import Image, ImageDraw, ImageFont

from engage_server.automation.reports.document import Document
from engage_server.automation.reports.drawing import TEXT, WIDTH, Box, Dot, Drawing, Label, Stroke, drawn
from engage_server.automation.reports.latin import BEYOND_LATIN
from engage_server.automation.reports.svg import ACCENT, GRID, INK

SCALE: Final = 2
MARGIN: Final = 16.0
HEADING: Final = 22.0
BLACK: Final = "#222222"
FONT: Final = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


def painted(document: Document) -> bytes:
    """As ``png.as_png``."""
    drawings = [(one.title, drawn(one)) for one in document.pictures]
    height = MARGIN + sum(HEADING + one.height + MARGIN for _, one in drawings)
    image = Image.new("RGB", (_pixels(WIDTH + 2 * MARGIN), _pixels(height)), "white")
    canvas = _Canvas(image)
    top = MARGIN
    for number, (title, one) in enumerate(drawings, start=1):
        canvas.text(Label(0.0, TEXT, title), top, number)
        canvas.draw(one, top + HEADING)
        top += HEADING + one.height + MARGIN
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class _Canvas:
    def __init__(self, image: Image.Image) -> None:
        self._draw = ImageDraw.Draw(image)
        self._font = ImageFont.truetype(str(FONT), _pixels(TEXT))

    def draw(self, drawing: Drawing, top: float) -> None:
        """Paint the marks of a drawing that begins so far from the top."""
        labels = 0
        for mark in drawing.marks:
            match mark:
                case Stroke():
                    places = [_place(x, y + top) for x, y in mark.places]
                    ink, width = (GRID, 1) if mark.is_grid else (INK, 2 * SCALE)
                    self._draw.line(places, fill=ink, width=width)
                case Dot():
                    self._draw.circle(_place(mark.x, mark.y + top), 3 * SCALE, fill=INK)
                case Box():
                    corner = _place(mark.x + mark.width, mark.y + mark.height + top)
                    self._draw.rectangle(
                        (*_place(mark.x, mark.y + top), *corner), fill=ACCENT if mark.is_bad else INK
                    )
                case Label():
                    labels += mark.anchor == "start"
                    self.text(mark, top, labels)

    def text(self, label: Label, top: float, number: int) -> None:
        """Write a text; one that the letters are not there for by its number."""
        shown = f"#{number}" if BEYOND_LATIN.search(label.text) else label.text
        anchor = "ls" if label.anchor == "start" else "rs"
        self._draw.text(_place(label.x, label.y + top), shown, fill=BLACK, font=self._font, anchor=anchor)


def _place(x: float, y: float) -> tuple[int, int]:
    return _pixels(x + MARGIN), _pixels(y)


def _pixels(length: float) -> int:
    return round(length * SCALE)
