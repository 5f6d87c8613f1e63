"""Where a score lies among those of an account's peers."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An account's place among its peers: 0 to 100, null among too few; how many have a lower score, and the same.

    ``peers`` and ``equal`` count the account itself.
    """

    percentile: float | None
    peers: int
    below: int
    equal: int


def places(scores: Mapping[int, tuple[Hashable, float]], *, min_peers: int) -> dict[int, Place]:
    """The place of each account among those of its group: 100 · (below + half of the equal ones) / all.

    Args:
        scores: of each account its group and its score; itself is one of its peers.
        min_peers: in a smaller group nobody has a percentile.
    """
    groups: defaultdict[Hashable, list[float]] = defaultdict(list)
    for group, score in scores.values():
        groups[group].append(score)
    ranks = {group: _ranks(members) for group, members in groups.items()}
    found = {}
    for id, (group, score) in scores.items():
        size, (below, equal) = len(groups[group]), ranks[group][score]
        percentile = 100 * (below + equal / 2) / size if size >= min_peers else None
        found[id] = Place(percentile, size, below, equal)
    return found


def _ranks(scores: list[float]) -> dict[float, tuple[int, int]]:
    """Of each score how many are lower, and how many the same."""
    found: dict[float, tuple[int, int]] = {}
    ordered, size = sorted(scores), len(scores)
    start = 0
    while start < size:
        end = start
        while end < size and ordered[end] == ordered[start]:
            end += 1
        found[ordered[start]] = (start, end - start)
        start = end
    return found
