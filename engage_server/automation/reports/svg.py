"""Pictures of reports inside of the page: no other file, and nothing that its policy would have to allow."""

from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from engage_server.automation.reports.document import Picture
from engage_server.automation.reports.drawing import (
    TEXT,
    WIDTH,
    Box,
    Dot,
    Label,
    Mark,
    Stroke,
    drawn,
)

GRID: Final = "#999999"
INK: Final = "#3a78c2"
ACCENT: Final = "#b02a30"


def as_svg(picture: Picture) -> SafeString:
    """The picture; whatever was told to us is escaped."""
    made = drawn(picture)
    marks = format_html_join("", "{}", ((_mark(one),) for one in made.marks))
    return format_html(
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}" font-size="{}">{}</svg>',
        *(_number(length) for length in (WIDTH, made.height, WIDTH, made.height)), made.told, _number(TEXT), marks,
    )  # fmt: skip


def _mark(mark: Mark) -> SafeString:
    match mark:
        case Stroke():
            places = " ".join(f"{_number(x)},{_number(y)}" for x, y in mark.places)
            ink, width = (GRID, "0.5") if mark.is_grid else (INK, "2")
            return format_html(
                '<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"/>', places, ink, width
            )
        case Dot():
            return format_html(
                '<circle cx="{}" cy="{}" r="3" fill="{}"/>', _number(mark.x), _number(mark.y), INK
            )
        case Box():
            sides = (_number(side) for side in (mark.x, mark.y, mark.width, mark.height))
            ink = ACCENT if mark.is_bad else INK
            return format_html('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>', *sides, ink)
        case Label():
            return format_html(
                '<text x="{}" y="{}" text-anchor="{}" fill="currentColor">{}</text>',
                _number(mark.x), _number(mark.y), mark.anchor, mark.text,
            )  # fmt: skip


def _number(length: float) -> str:
    """Without a comma, whatever language the page is in."""
    return f"{length:.1f}".removesuffix(".0")
