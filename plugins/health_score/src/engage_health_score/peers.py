"""Where a score lies among those of an account's peers."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """An account's place among its peers: 0 to 100, null among too few; and how many peers have a score."""

    percentile: float | None
    peers: int


ALONE: Final = Place(None, 0)


def places(scores: Mapping[int, tuple[Hashable, float]], *, min_peers: int) -> dict[int, Place]:
    """The place of each account among those of its group: 100 · (below + half of the equal ones) / all.

    Args:
        scores: of each account its group and its score; itself is one of its peers.
        min_peers: in a smaller group nobody has a percentile.
    """
    groups: defaultdict[Hashable, list[float]] = defaultdict(list)
    for group, score in scores.values():
        groups[group].append(score)
    ranks = {group: _percentiles(members) for group, members in groups.items()}
    return {
        id: Place(ranks[group][score] if len(groups[group]) >= min_peers else None, len(groups[group]))
        for id, (group, score) in scores.items()
    }


def _percentiles(scores: list[float]) -> dict[float, float]:
    found: dict[float, float] = {}
    ordered, size = sorted(scores), len(scores)
    start = 0
    while start < size:
        end = start
        while end < size and ordered[end] == ordered[start]:
            end += 1
        found[ordered[start]] = 100 * (start + end) / (2 * size)
        start = end
    return found
