"""Counted scores of one scale, and the effort figures that follow from them."""

from collections.abc import Mapping
from fractions import Fraction

from engage_ces.config import CesConfig, Variant
from engage_server.sdk import Interval
from engage_server.sdk.intervals import adjusted_wald, wilson
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
            good, bad = _good_and_bad(scale, counts)
            return 100 * (good - bad)


def interval_of(
    variant: Variant, *, scale: Scale, counts: Mapping[int, int], config: CesConfig
) -> Interval | None:
    """Wilson's interval of a top box, adjusted Wald's of a net score; None of the means and where it is undefined."""
    n = sum(counts.values())
    boxes = boxes_of(config.top_boxes, scale)
    if variant == "top_box" and boxes is not None:
        return wilson(scale.best(counts, boxes=boxes), n, level=config.confidence)
    if variant == "net" and (scale.low, scale.high) == NET_SCALE:
        return adjusted_wald(*_good_and_bad(scale, counts), n, level=config.confidence)
    return None


def _good_and_bad(scale: Scale, counts: Mapping[int, int]) -> tuple[int, int]:
    bad = sum(count for score, count in counts.items() if scale.rank(score) < NET_BAD)
    return scale.best(counts, boxes=NET_GOOD), bad
