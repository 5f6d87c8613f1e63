"""Counts survey responses by account, instrument, scale and score: one grouping for all accounts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from engage_ces.distribution import Group, Scale

CELL = ("instrument", "scale_min", "scale_max", "direction", "score")


@dataclass(slots=True)
class Tally:
    """The responses about one subject. ``respondents``: known persons, and each answer without one."""

    groups: dict[Group, Counter[int]] = field(default_factory=dict)
    respondents: int = 0
    dismissed: int = 0
    invalid: int = 0

    @property
    def n(self) -> int:
        """The valid answers."""
        return sum(counts.total() for counts in self.groups.values())

    @property
    def scales(self) -> list[Scale]:
        """The distinct scales, ordered."""
        return sorted({group.scale for group in self.groups})

    def merged(self) -> Counter[int]:
        """The scores of all groups together; only for a single scale."""
        return sum(self.groups.values(), Counter())
