"""How well a score tells those with an outcome from those without: the area under the ROC curve. Pure: nothing is read.

It is the chance that of two, one with and one without the outcome, the one with it has the higher risk; a tie counts
half (Mann and Whitney). 0.5 is no better than a coin.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

from engage_server.sdk import Interval
from engage_server.sdk.intervals import z_of

STEPS: Final = 60  # halvings of an interval of length 1: to the last digit of a float


@dataclass(frozen=True, slots=True)
class Discrimination:
    """An area under the curve with its interval, and of how many with and without the outcome."""

    auc: float
    interval: Interval
    cases: int
    controls: int


def discrimination(
    cases: Sequence[float], controls: Sequence[float], *, level: float = 0.95
) -> Discrimination | None:
    """The area under the curve of the risks of those with the outcome and of those without; None where one is empty.

    The interval is DeLong's (Biometrics 44, 1988) on the scale of log odds, which keeps it within 0 and 1. Where that
    variance is 0, as of perfectly parted groups, it is the score interval of Hanley and McNeil's variance (Newcombe,
    Statistics in Medicine 25, 2006, method 5), which is wide for few. It supposes that no subject is there twice.
    """
    if not cases or not controls:
        return None
    above = _placements(cases, controls)
    auc = sum(above) / len(above)
    below = [1 - share for share in _placements(controls, cases)]
    variance = _variance(above) / len(cases) + _variance(below) / len(controls)
    if variance > 0 and 0 < auc < 1:
        interval = _on_log_odds(auc, sqrt(variance), level=level)
    else:
        interval = _score_interval(auc, len(cases), len(controls), level=level)
    return Discrimination(auc, interval, len(cases), len(controls))


def _placements(subjects: Sequence[float], others: Sequence[float]) -> list[float]:
    """Of each subject the share of the others below it, those equal to it half."""
    ordered = sorted(others)
    return [(bisect_left(ordered, one) + bisect_right(ordered, one)) / (2 * len(ordered)) for one in subjects]


def _variance(shares: Sequence[float]) -> float:
    if len(shares) < 2:
        return 0.0
    mean = sum(shares) / len(shares)
    return sum((share - mean) ** 2 for share in shares) / (len(shares) - 1)


def _on_log_odds(auc: float, error: float, *, level: float) -> Interval:
    odds, half = log(auc / (1 - auc)), z_of(level) * error / (auc * (1 - auc))
    low, high = (1 / (1 + exp(min(-bound, 700))) for bound in (odds - half, odds + half))
    return Interval(low, high, level, "DeLong")


def _score_interval(auc: float, cases: int, controls: int, *, level: float) -> Interval:
    more = (cases + controls) / 2 - 1
    z = z_of(level)

    def error(true: float) -> float:
        spread = 1 + more * (1 - true) / (2 - true) + more * true / (1 + true)
        return sqrt(true * (1 - true) * spread / (cases * controls))

    low = _edge(lambda true: auc - true - z * error(true), 0.0, auc)
    high = _edge(lambda true: auc + z * error(true) - true, auc, 1.0)
    return Interval(low, high, level, "Hanley-McNeil")


def _edge(inside: Callable[[float], float], start: float, end: float) -> float:
    """Where a falling function crosses zero between two points; one of them where it does not."""
    for _ in range(STEPS):
        middle = (start + end) / 2
        if inside(middle) > 0:
            start = middle
        else:
            end = middle
    return (start + end) / 2
