"""Intervals of shares, of Net Promoter Scores and of means, by formulas that hold for few and for unanimous answers too."""

from math import cos, expm1, hypot, pi, sin, sqrt
from statistics import NormalDist
from typing import Final

from engage_server.sdk.compute import Interval

ADDED: Final = 3.0
"""Answers that adjusted Wald adds to n, a quarter of them each to promoters and to detractors."""


def z_of(level: float) -> float:
    """How many standard errors an interval of this level reaches to each side: 1.96 at 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def t_of(level: float, freedom: float) -> float:
    """As ``z_of``, by Student's t with so many degrees of freedom (1 or more): 2.26 at 0.95 with 9.

    Below 5 degrees parts of one are left out, which makes it larger; right to three digits there, to five from 5 on.
    Source: G. Hill, Algorithm 396: Student's t-quantiles, Communications of the ACM 13 (1970).
    """
    tails = 1 - level
    if freedom < 1:
        raise ValueError(f"Student's t has 1 degree of freedom at least, and {freedom} were given.")
    if freedom < 5:
        freedom = int(freedom)
    if freedom == 1:
        return cos(tails * pi / 2) / sin(tails * pi / 2)
    if freedom == 2:
        return sqrt(2 / (tails * (2 - tails)) - 2)
    a = 1 / (freedom - 0.5)
    b = 48 / a**2
    c = ((20_700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * pi / 2) * freedom
    y = (d * tails) ** (2 / freedom)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(tails / 2)
        y = x * x
        if freedom < 5:
            c += 0.3 * (freedom - 4.5) * (x + 0.6)
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = expm1(a * y * y)
    else:
        y = 1 / (((freedom + 6) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2) * 3) + 0.5 / (
            freedom + 4
        )
        y = (y * (d * tails) ** (2 / freedom) - 1) * (freedom + 1) / (freedom + 2) + (d * tails) ** (
            -2 / freedom
        )
    return sqrt(freedom * y)


def difference_of_means(
    one: tuple[float, float, int], other: tuple[float, float, int], *, level: float = 0.95
) -> Interval | None:
    """Welch's interval of the difference of two means; None where one has fewer than two, or nothing varies.

    Both are (mean, variance of the sample, n).
    Source: B. L. Welch, The generalization of Student's problem when several different population variances are involved,
    Biometrika 34 (1947).
    """
    (mean, variance, n), (former, of_former, m) = one, other
    if n < 2 or m < 2:
        return None
    first, second = variance / n, of_former / m
    if not first + second:
        return None
    freedom = (first + second) ** 2 / (first**2 / (n - 1) + second**2 / (m - 1))
    half = t_of(level, freedom) * sqrt(first + second)
    return Interval(mean - former - half, mean - former + half, level, "Welch")


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
