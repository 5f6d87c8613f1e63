"""Counted scores of one scale, and the effort figures that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from engage_ces.config import CesConfig, Variant

NET_SCALE = (1, 7)
NET_GOOD = 2
NET_BAD = 3
"""On 1-7 with 7 = easy: 6 and 7 are good, 1 to 3 bad. Source: CYS support, 3000095531."""


@dataclass(frozen=True, slots=True, order=True)
class Scale:
    """A survey scale. ``direction`` is UP where a high score means little effort."""

    low: int
    high: int
    direction: Literal["UP", "DOWN"]

    def rank(self, score: int) -> int:
        """Steps above the worst score: 0 to ``high - low``."""
        return score - self.low if self.direction == "UP" else self.high - score

    def __str__(self) -> str:
        return f"{self.low}-{self.high}, {'high' if self.direction == 'UP' else 'low'} is good"


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """The answers that may be averaged: one instrument on one scale."""

    instrument: str
    scale: Scale

    @property
    def key(self) -> str:
        """Stable name, e.g. ``ces_security:1:7:UP``."""
        return f"{self.instrument}:{self.scale.low}:{self.scale.high}:{self.scale.direction}"


def figure_total(
    variant: Variant, *, scale: Scale, counts: Mapping[int, int], config: CesConfig
) -> Fraction | int | None:
    """The figure times the number of answers; exact, so that totals of groups add up. None where undefined.

    Args:
        variant: mean in scale points; top_box in %, net in % (-100..100), normalised 0..100.
        counts: score to number of answers.
    """
    match variant:
        case "mean":
            return sum(score * count for score, count in counts.items())
        case "normalised":
            steps = sum(scale.rank(score) * count for score, count in counts.items())
            return Fraction(100 * steps, scale.high - scale.low)
        case "top_box":
            boxes = config.boxes_of(scale.low, scale.high)
            return None if boxes is None else 100 * _best(scale, counts=counts, boxes=boxes)
        case "net":
            if (scale.low, scale.high) != NET_SCALE:
                return None
            bad = sum(count for score, count in counts.items() if scale.rank(score) < NET_BAD)
            return 100 * (_best(scale, counts=counts, boxes=NET_GOOD) - bad)


def _best(scale: Scale, *, counts: Mapping[int, int], boxes: int) -> int:
    width = scale.high - scale.low
    return sum(count for score, count in counts.items() if scale.rank(score) > width - boxes)
