"""Correlation with an interval, and the correction of many tries at once. Pure: nothing is read."""

from collections.abc import Sequence
from math import atanh, sqrt, tanh
from statistics import NormalDist, correlation

from engage_server.sdk import Interval
from engage_server.sdk.intervals import z_of


def correlate(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's correlation; of a number and a yes or no (1, 0) it is the point-biserial one. None where one is constant."""
    if len(xs) < 2 or len(set(xs)) == 1 or len(set(ys)) == 1:
        return None
    return max(-1.0, min(1.0, correlation(xs, ys)))


def correlation_interval(r: float, n: int, *, level: float = 0.95) -> Interval | None:
    """The interval by Fisher's z; None of fewer than four pairs.

    Source: R. A. Fisher, On the Probable Error of a Coefficient of Correlation, Metron 1 (1921).
    """
    if n < 4:
        return None
    if abs(r) >= 1:
        return Interval(r, r, level, "Fisher z")
    half = z_of(level) / sqrt(n - 3)
    return Interval(tanh(atanh(r) - half), tanh(atanh(r) + half), level, "Fisher z")


def p_of_correlation(r: float, n: int) -> float:
    """How probable a correlation as far from 0 is where there is none, by Fisher's z; 1 of fewer than four pairs."""
    if n < 4:
        return 1.0
    return 0.0 if abs(r) >= 1 else 2 * NormalDist().cdf(-abs(atanh(r)) * sqrt(n - 3))


def holm(ps: Sequence[float]) -> list[float]:
    """The probabilities corrected for so many tries: one below 0.05 is false at most once in twenty times for them all.

    Source: S. Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6 (1979).
    """
    order = sorted(range(len(ps)), key=lambda place: ps[place])
    corrected = [0.0] * len(ps)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        corrected[place] = highest
    return corrected
