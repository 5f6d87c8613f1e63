"""Counted scores of one scale, and the effort figures that follow from them."""

from collections.abc import Mapping
from fractions import Fraction

from engage_ces.config import CesConfig, Variant
from engage_server.sdk.surveys import Scale, boxes_of

NET_SCALE = (1, 7)
NET_GOOD = 2
NET_BAD = 3
"""On 1-7 with 7 = easy: 6 and 7 are good, 1 to 3 bad. Source: CYS support, 3000095531."""


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
            boxes = boxes_of(config.top_boxes, scale)
            return None if boxes is None else 100 * scale.best(counts, boxes=boxes)
        case "net":
            if (scale.low, scale.high) != NET_SCALE:
                return None
            bad = sum(count for score, count in counts.items() if scale.rank(score) < NET_BAD)
            return 100 * (scale.best(counts, boxes=NET_GOOD) - bad)
