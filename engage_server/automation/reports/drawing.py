"""Draws pictures of reports as lines, boxes and texts at places, the same for the page, for paper and as a file. Pure.

Lengths are in points of a picture ``WIDTH`` wide; from the left and from the top.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from engage_server.automation.figures import written
from engage_server.automation.reports.document import Bars, Curve, Picture

WIDTH: Final = 640.0
TEXT: Final = 12.0
"""Height of the letters."""
CURVE_HEIGHT: Final = 170.0
LEFT: Final = 90.0
RIGHT: Final = 630.0
TOP: Final = 12.0
BOTTOM: Final = 140.0
ROW: Final = 22.0
NAMES: Final = 210.0
VALUES: Final = 90.0
LONGEST_NAME: Final = 30


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through places; ``is_grid``: one of those behind."""

    places: tuple[tuple[float, float], ...]
    is_grid: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A value that stands alone."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A bar, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A text whose line stands at ``y``, with its start or end at ``x``."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "end"] = "start"


Mark = Stroke | Dot | Box | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """``told`` says what is to be seen, to who does not see."""

    height: float
    marks: tuple[Mark, ...]
    told: str


def drawn(picture: Picture) -> Drawing:
    """The picture as marks, those behind first."""
    if isinstance(picture, Bars):
        return Drawing(TOP + ROW * len(picture.bars), tuple(_bars(picture)), _told(picture))
    return Drawing(CURVE_HEIGHT, tuple(_curve(picture)), _told(picture))


def _told(picture: Picture) -> str:
    if isinstance(picture, Bars):
        said = [f"{name}: {written(value, picture.unit)}" for name, value in picture.bars]
    else:
        known = [(day, value) for day, value in picture.points if value is not None]
        ends = dict.fromkeys([known[0], known[-1]]) if known else ()
        said = [f"{day.isoformat()}: {written(value, picture.unit)}" for day, value in ends]
    return f"{picture.title}. {'; '.join(said)}"


def _curve(picture: Curve) -> Iterator[Mark]:
    values = [value for _, value in picture.points if value is not None]
    if not values:
        return
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 1, high + 1
    first, last = picture.points[0][0], picture.points[-1][0]
    days = max(1, (last - first).days)

    def place(value: float) -> float:
        return BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP)

    for value in (low, (low + high) / 2, high):
        yield Stroke(((LEFT, place(value)), (RIGHT, place(value))), is_grid=True)
        yield Label(LEFT - 8, place(value) + TEXT / 3, written(value, picture.unit), "end")
    yield Label(LEFT, BOTTOM + 2 * TEXT, first.isoformat())
    yield Label(RIGHT, BOTTOM + 2 * TEXT, last.isoformat(), "end")
    for is_known, run in groupby(picture.points, key=lambda point: point[1] is not None):
        if is_known:
            places = tuple(
                (LEFT + (day - first).days / days * (RIGHT - LEFT), place(value or 0.0)) for day, value in run
            )
            yield Stroke(places) if len(places) > 1 else Dot(*places[0])


def _bars(picture: Bars) -> Iterator[Mark]:
    values = [value for _, value in picture.bars]
    low, high = min(0.0, *values), max(0.0, *values)
    scale = (RIGHT - VALUES - NAMES) / ((high - low) or 1.0)
    zero = NAMES - low * scale
    yield Stroke(((zero, TOP / 2), (zero, TOP / 2 + ROW * len(values))), is_grid=True)
    for number, (name, value) in enumerate(picture.bars):
        top = TOP / 2 + ROW * number
        line = top + ROW / 2 + TEXT / 3
        yield Label(0.0, line, _short(name))
        yield Box(zero + min(0.0, value) * scale, top + 4, abs(value) * scale, ROW - 8, is_bad=value < 0)
        yield Label(RIGHT, line, written(value, picture.unit), "end")


def _short(name: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in name)
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"
