"""A series of numbers as one line of block characters."""

from collections.abc import Sequence
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = "·"


def sparkline(values: Sequence[float | None], *, low: float | None = None, high: float | None = None) -> str:
    """One character per value, a dot where there is none.

    The lowest block is ``low`` and the highest ``high``, by default the least and the greatest value.
    """
    known = [value for value in values if value is not None]
    if not known:
        return GAP * len(values)
    least = min(known) if low is None else low
    most = max(known) if high is None else high
    return "".join(GAP if value is None else _block(value, least, most) for value in values)


def _block(value: float, least: float, most: float) -> str:
    if most <= least:
        return BLOCKS[len(BLOCKS) // 2]
    place = (min(most, max(least, value)) - least) / (most - least)
    return BLOCKS[min(len(BLOCKS) - 1, int(place * len(BLOCKS)))]
