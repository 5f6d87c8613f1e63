"""A series of numbers as one line of block characters."""

from collections.abc import Sequence
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = "·"


def sparkline(values: Sequence[float | None], *, span: float) -> str:
    """One character per value, a dot where there is none.

    The blocks reach from the least to the greatest value, or over ``span`` around them if that is more, so that
    a wobble does not look like a turn.
    """
    known = [value for value in values if value is not None]
    if not known:
        return GAP * len(values)
    room = max(0.0, span - (max(known) - min(known))) / 2
    low, high = min(known) - room, max(known) + room
    return "".join(GAP if value is None else _block((value - low) / (high - low)) for value in values)


def _block(place: float) -> str:
    return BLOCKS[min(len(BLOCKS) - 1, int(place * len(BLOCKS)))]
