"""Which groups of a dimension lie apart from the others, allowing for how sure each value is and for how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist
from typing import Final

from engage_server.sdk import Direction, Interval
from engage_server.sdk.associations import benjamini_hochberg
from engage_server.sdk.graphql import StoredValue
from engage_server.sdk.intervals import z_of

RATE: Final = 0.05
"""Of the groups that are called thriving or at risk, at most this share is so by chance."""
LEAST_N: Final = 10


class GroupState(StrEnum):
    """How a group lies to all others together."""

    AT_RISK = "AT_RISK"
    THRIVING = "THRIVING"
    APART = "APART"
    LIKE_OTHERS = "LIKE_OTHERS"
    UNTESTED = "UNTESTED"


DESCRIPTIONS: Final = {
    GroupState.AT_RISK: "worse than the others by more than chance.",
    GroupState.THRIVING: "better than the others by more than chance.",
    GroupState.APART: "other than the others by more than chance, where neither way is better.",
    GroupState.LIKE_OTHERS: "what lies between them may be chance.",
    GroupState.UNTESTED: f"it has no value or no interval, rests on fewer than {LEAST_N}, or there is nothing to hold it "
    "against.",
}
ORDER: Final = tuple(GroupState)


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    """A group against all others together; ``others`` is the mean of theirs by sample size.

    ``low`` and ``high`` bound the difference at 95%; ``p_adjusted`` is corrected for all groups that were tested.
    """

    group: str
    value: StoredValue
    state: GroupState
    others: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_adjusted: float | None = None


@dataclass(frozen=True, slots=True)
class _Tested:
    group: str
    kept: StoredValue
    value: float
    below: float
    above: float


def compare_groups(found: Sequence[tuple[str, StoredValue]], direction: Direction) -> list[ComparedGroup]:
    """Compare each group with the others, those at risk first, then those that thrive; each by how far apart it lies.

    The bounds of the difference come from the two intervals (MOVER: G. Y. Zou, A. Donner, Construction of confidence limits
    about effect measures, Statistics in Medicine 27, 2008), so that it serves every metric that has one. Groups share
    nobody; where the metric is no mean of its groups, ``others`` is near the truth and not on it.
    """
    known = [one for group, value in found if (one := _tested(group, value)) is not None]
    if len(known) < 2:
        return [ComparedGroup(group, value, GroupState.UNTESTED) for group, value in found]
    compared = {one.group: _against(one, [other for other in known if other is not one]) for one in known}
    adjusted = dict(zip(compared, benjamini_hochberg([p for *_, p in compared.values()]), strict=True))
    told: list[ComparedGroup] = []
    for group, value in found:
        if group not in compared:
            told.append(ComparedGroup(group, value, GroupState.UNTESTED))
            continue
        others, difference, low, high, _ = compared[group]
        state = _state(difference, adjusted[group], value.direction or direction)
        told.append(ComparedGroup(group, value, state, others, difference, low, high, adjusted[group]))
    return sorted(told, key=lambda one: (ORDER.index(one.state), -abs(one.difference or 0.0), one.group))


def _tested(group: str, value: StoredValue) -> _Tested | None:
    interval: Interval | None = value.interval
    if value.value is None or interval is None or value.n < LEAST_N:
        return None
    # One level for all: bounds of another one are brought to 95%.
    scale = z_of(0.95) / z_of(float(interval.level))
    below, above = value.value - float(interval.low), float(interval.high) - value.value
    return _Tested(group, value, value.value, max(0.0, below) * scale, max(0.0, above) * scale)


def _against(one: _Tested, others: Sequence[_Tested]) -> tuple[float, float, float, float, float]:
    """The others' mean, the difference with its bounds, and the p of no difference."""
    total = sum(other.kept.n for other in others)
    mean = sum(other.kept.n * other.value for other in others) / total
    below = sqrt(sum((other.kept.n / total * other.below) ** 2 for other in others))
    above = sqrt(sum((other.kept.n / total * other.above) ** 2 for other in others))
    difference = one.value - mean
    to_low, to_high = sqrt(one.below**2 + above**2), sqrt(one.above**2 + below**2)
    # The side that looks towards 0 says how far the difference may be none.
    margin = to_low if difference > 0 else to_high
    return mean, difference, difference - to_low, difference + to_high, _p(difference, margin)


def _p(difference: float, margin: float) -> float:
    """How often chance alone differs so much, where the difference is uncertain by ``margin`` at 95%."""
    if not difference:
        return 1.0
    return 2 * (1 - NormalDist().cdf(z_of(0.95) * abs(difference) / margin)) if margin else 0.0


def _state(difference: float, p: float, direction: Direction) -> GroupState:
    if p > RATE:
        return GroupState.LIKE_OTHERS
    if direction not in {Direction.UP, Direction.DOWN}:
        return GroupState.APART
    return GroupState.THRIVING if (difference > 0) is (direction is Direction.UP) else GroupState.AT_RISK
