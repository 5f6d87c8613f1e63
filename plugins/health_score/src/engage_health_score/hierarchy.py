"""The score of a parent account from those of its children."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import fsum


class Weighting(StrEnum):
    """What the children of a parent weighed."""

    VALUE = "VALUE"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Child:
    """One child's part: its score (rolled up itself, where it has children) and its share of the parent's."""

    account: int
    score: float
    share: float


@dataclass(frozen=True, slots=True)
class RolledUp:
    """A parent's score from its children; without any that has one it is the parent's own."""

    score: float
    weighting: Weighting
    children: tuple[Child, ...]


def roll_up(
    scores: Mapping[int, float],
    parents: Mapping[int, int],
    worth: Mapping[int, float] | None,
) -> dict[int, RolledUp]:
    """The mean over the direct children of every account that has some, weighted by what they are worth.

    A child with children of its own counts with its rolled-up score and the worth of its whole tree. The parent's own
    score is left out, and taken only where no child has one. Accounts in a circle are no parents.

    Args:
        scores: of the accounts that have one.
        parents: of each account that has a parent, it.
        worth: of each account, not negative; None: each scored account counts the same. Where the children of a parent
            are worth nothing they count the same.
    """
    children: defaultdict[int, list[int]] = defaultdict(list)
    for child, parent in sorted(parents.items()):
        children[parent].append(child)
    found: dict[int, RolledUp] = {}
    weights: dict[int, tuple[float, int]] = {}
    for account in _leaves_first(children):
        own = (0.0 if worth is None else worth.get(account, 0.0), int(account in scores))
        below = [weights.get(child, (0.0, 0)) for child in children.get(account, ())]
        weights[account] = (fsum([own[0], *(value for value, _ in below)]), own[1] + sum(n for _, n in below))
        if account in children:
            known = {
                child: found[child].score if child in found else scores[child]
                for child in children[account]
                if child in found or child in scores
            }
            if known:
                found[account] = _mean(known, weights, by_value=worth is not None)
            elif account in scores:
                found[account] = RolledUp(scores[account], Weighting.COUNT, ())
    return found


def _mean(
    scores: Mapping[int, float], weights: Mapping[int, tuple[float, int]], *, by_value: bool
) -> RolledUp:
    values = {child: weights[child][0] for child in scores}
    by_value = by_value and fsum(values.values()) > 0
    counted = values if by_value else {child: float(weights[child][1]) for child in scores}
    total = fsum(counted.values())
    shares = {child: weight / total for child, weight in counted.items()}
    return RolledUp(
        fsum(shares[child] * score for child, score in scores.items()),
        Weighting.VALUE if by_value else Weighting.COUNT,
        tuple(Child(child, score, shares[child]) for child, score in scores.items()),
    )


def _leaves_first(children: Mapping[int, list[int]]) -> list[int]:
    """Every account of a tree after all those below it; those in a circle, and above one, are left out."""
    known = {*children, *(child for of in children.values() for child in of)}
    waiting = {account: len(children.get(account, ())) for account in known}
    parent_of = {child: parent for parent, of in children.items() for child in of}
    ready = sorted(account for account, open in waiting.items() if not open)
    order: list[int] = []
    while ready:
        account = ready.pop()
        order.append(account)
        parent = parent_of.get(account)
        if parent is not None:
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return order
