"""Intervals of shares and of Net Promoter Scores, by formulas that hold for few and for unanimous answers too."""

from math import hypot, sqrt
from statistics import NormalDist
from typing import Final

from engage_server.sdk.compute import Interval

ADDED: Final = 3.0
"""Answers that adjusted Wald adds to n, a quarter of them each to promoters and to detractors."""


def z_of(level: float) -> float:
    """How many standard errors an interval of this level reaches to each side: 1.96 at 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: int, n: int, *, level: float = 0.95, scale: float = 100.0) -> Interval | None:
    """Wilson's score interval of ``successes / n`` times ``scale`` (100: per cent); None where n is 0.

    Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927).
    """
    if not n:
        return None
    z2 = z_of(level) ** 2
    middle = (successes + z2 / 2) / (n + z2)
    half = sqrt(z2) * sqrt(successes * (n - successes) / n + z2 / 4) / (n + z2)
    # The outermost bounds are exact by the formula, and not by floating point.
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == n else middle + half
    return Interval(scale * low, scale * high, level, "Wilson")


def adjusted_wald(promoters: int, detractors: int, n: int, *, level: float = 0.95) -> Interval | None:
    """Adjusted Wald interval of a Net Promoter Score, clipped to -100..100; None where n is 0.

    It is the normal interval after 3 answers are added, three quarters of one to promoters and as many to detractors.
    Source: B. Rocks, Interval Estimation for the Net Promoter Score, The American Statistician 70 (2016).
    """
    if not n:
        return None
    middle, margin = net_margin(promoters, detractors, n, added=ADDED, level=level)
    return Interval(max(-100.0, middle - margin), min(100.0, middle + margin), level, "adjusted Wald")


def net_margin(
    promoters: int, detractors: int, n: int, *, added: float = 0.0, level: float = 0.95
) -> tuple[float, float]:
    """Middle and half width of a Net Promoter Score's normal interval in points, after ``added`` answers; not clipped.

    Without added ones it is plain Wald's, which for unanimous answers is 0 however few they are.

    Raises:
        ZeroDivisionError: there is no answer.
    """
    p, d, size = promoters + added / 4, detractors + added / 4, n + added
    # The variance times n^2 loses no digits, so that unanimous answers give 0 and not the root of -1e-17.
    return 100 * (p - d) / size, z_of(level) * 100 * sqrt((size * (p + d) - (p - d) ** 2) / size**3)


def net_difference(
    now: tuple[int, int, int], before: tuple[int, int, int], *, level: float = 0.95
) -> Interval | None:
    """Interval of the change between two Net Promoter Scores of other answers, in points; None where one has none.

    Both are (promoters, detractors, n). Their adjusted Wald variances add up, as those of independent samples; clipped
    to -200..200. The change is significant where the interval excludes 0, see ``excludes_zero``.
    Source: B. Rocks, Interval Estimation for the Net Promoter Score, The American Statistician 70 (2016).
    """
    if not (now[2] and before[2]):
        return None
    (middle, margin), (former, former_margin) = (
        net_margin(*counts, added=ADDED, level=level) for counts in (now, before)
    )
    change, half = middle - former, hypot(margin, former_margin)
    return Interval(
        max(-200.0, change - half), min(200.0, change + half), level, "difference of adjusted Wald"
    )


def excludes_zero(interval: Interval) -> bool:
    """Whether 0 lies outside: the difference that the interval is of is significant at its level."""
    return interval.low > 0 or interval.high < 0


def difference_of_shares(
    one: int, n: int, other: int, m: int, *, level: float = 0.95, scale: float = 100.0
) -> Interval | None:
    """Newcombe's interval of ``one / n - other / m`` times ``scale`` (100: points); None where n or m is 0.

    It is made of Wilson's of each.
    Source: R. Newcombe, Interval Estimation for the Difference Between Independent Proportions, Statistics in Medicine 17
    (1998), method 10.
    """
    first, second = wilson(one, n, level=level, scale=1), wilson(other, m, level=level, scale=1)
    if first is None or second is None:
        return None
    p, q = one / n, other / m
    below = sqrt((p - float(first.low)) ** 2 + (float(second.high) - q) ** 2)
    above = sqrt((float(first.high) - p) ** 2 + (q - float(second.low)) ** 2)
    return Interval(scale * (p - q - below), scale * (p - q + above), level, "Newcombe")
