"""How what explains a value is stored: names and labels once, in a layout; the figures beside each value, in its order.

A layout is JSON: ``{"details": [...], "parts": [[key, label], ...]}``. An entry of ``details`` is a name, or a name with
the names of the object that stands there. The figures are one list: those of the details (an object as a list), then
five for each part. ``normalised`` comes first of all, where those who combine metrics find it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any, Final

import msgspec

from engage_server.sdk import Contribution

OF_A_PART: Final = ("value", "points", "weight", "n", "note")
FIGURES_OF: Final = attrgetter(*OF_A_PART)
NAMES_OF: Final = attrgetter("key", "label")
FIRST: Final = "normalised"
# PostgreSQL's JSON has no such character, however it is written.
NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
PLAIN: Final = frozenset({int, float, str, bool, NoneType, list})
TEXT: Final = frozenset({str})
Entry = str | tuple[str, ...]
Parts = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Layout and figures as JSON."""

    layout: bytes
    figures: bytes


def pack(contributions: Sequence[Contribution], details: Mapping[str, Any]) -> Explanation:
    """What explains a value, as it is stored.

    Raises:
        TypeError, ValueError: something in it has no JSON form.
    """
    entries, figures = _details(details)
    for part in contributions:
        figures += FIGURES_OF(part)
    layout = _layout(entries, tuple(map(NAMES_OF, contributions)))
    return Explanation(layout, as_json(figures))


def pack_stored(contributions: Parts, details: Mapping[str, Any]) -> Explanation:
    """As ``pack``, of what ``unpack`` gave."""
    named = [
        Contribution(part["key"], part["label"], **{name: part[name] for name in OF_A_PART})
        for part in contributions
    ]
    return pack(named, details)


def unpack(layout: str, figures: str) -> tuple[Parts, dict[str, Any]]:
    """The parts and the details that were packed."""
    entries, parts = _read_layout(layout)
    found = _decode(figures)
    details = {}
    for entry, figure in zip(entries, found, strict=False):
        if isinstance(entry, str):
            details[entry] = figure
        else:
            details[entry[0]] = dict(zip(entry[1:], figure, strict=True))
    place = len(entries)
    contributions = []
    for key, label in parts:
        value, points, weight, n, note = found[place : place + 5]
        contributions.append(
            {"key": key, "label": label, "value": value, "points": points, "weight": weight, "n": n, "note": note}
        )  # fmt: skip
        place += 5
    return contributions, details


def as_json(value: Any) -> bytes:
    """JSON; numbers of any kind, whole or broken, as numbers.

    Raises:
        TypeError, ValueError: something in it has no JSON form, or none that PostgreSQL takes.
    """
    text = _encode(value)
    if b"\\u0000" in text and NUL.search(text):
        raise ValueError("a text holds the character NUL, which PostgreSQL cannot store")
    return text


def _details(details: Mapping[str, Any]) -> tuple[tuple[Entry, ...], list[Any]]:
    # Most are of such types all of them, and asking of each what it is takes longer than all the rest.
    if (
        FIRST not in details
        and PLAIN.issuperset(map(type, details.values()))
        and TEXT.issuperset(map(type, details))
    ):
        return tuple(details), list(details.values())
    names = list(details)
    if FIRST in details and names[0] != FIRST:
        names.sort(key=lambda name: name != FIRST)
    entries: list[Entry] = []
    figures: list[Any] = []
    for name in names:
        figure = details[name]
        if not isinstance(name, str):
            raise TypeError(f"{name!r} is no name of a figure")
        if type(figure) in PLAIN:
            entries.append(name)
            figures.append(figure)
        elif isinstance(figure, Mapping) and figure and all(isinstance(key, str) for key in figure):
            entries.append((name, *figure))
            figures.append(list(figure.values()))
        else:
            entries.append(name)
            figures.append(figure)
    return tuple(entries), figures


@lru_cache(maxsize=4096)
def _layout(entries: tuple[Entry, ...], parts: tuple[tuple[str, str], ...]) -> bytes:
    return as_json({"details": entries, "parts": parts})


@lru_cache(maxsize=4096)
def _read_layout(layout: str) -> tuple[tuple[Entry, ...], tuple[tuple[str, str], ...]]:
    read = _decode(layout)
    entries = tuple(entry if isinstance(entry, str) else tuple(entry) for entry in read["details"])
    return entries, tuple((key, label) for key, label in read["parts"])


def _plain(value: Any) -> Any:
    """What the encoder does not know: subclasses of numbers (NumPy's) and of text, and other mappings."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_encode: Final = msgspec.json.Encoder(enc_hook=_plain, decimal_format="number").encode
_decode: Final = msgspec.json.Decoder().decode
