"""How strongly two things go together, how sure that is, and how many findings remain where many were looked for."""

from collections.abc import Sequence
from math import atanh, sqrt, tanh
from typing import Final

from engage_server.sdk.compute import Interval
from engage_server.sdk.intervals import z_of

LEAST_FOR_FISHER: Final = 4
"""Pairs below which the standard error 1 / sqrt(n - 3) does not exist."""


def fisher(r: float, n: int, *, level: float = 0.95) -> Interval | None:
    """Interval of a correlation of ``n`` pairs, Pearson's or phi, by Fisher's z; None for fewer than four pairs.

    Source: R. A. Fisher, On the probable error of a coefficient of correlation, Metron 1 (1921).
    """
    if n < LEAST_FOR_FISHER:
        return None
    if abs(r) >= 1:
        return Interval(r, r, level, "Fisher z")
    half = z_of(level) / sqrt(n - 3)
    return Interval(tanh(atanh(r) - half), tanh(atanh(r) + half), level, "Fisher z")


def spearman(
    first: Sequence[float], second: Sequence[float], *, level: float = 0.95
) -> tuple[float, Interval | None]:
    """The rank correlation of pairs, ties at their middle rank, with its interval; 0 where one side never varies.

    The interval is Fisher's z with the variance (1 + r^2 / 2) / (n - 3).
    Source: D. G. Bonett, T. A. Wright, Sample size requirements for estimating Pearson, Kendall and Spearman correlations,
    Psychometrika 65 (2000).
    """
    r = pearson(_ranks(first), _ranks(second))
    n = len(first)
    if n < LEAST_FOR_FISHER:
        return r, None
    if abs(r) >= 1:
        return r, Interval(r, r, level, "Bonett-Wright")
    half = z_of(level) * sqrt((1 + r * r / 2) / (n - 3))
    return r, Interval(tanh(atanh(r) - half), tanh(atanh(r) + half), level, "Bonett-Wright")


def pearson(first: Sequence[float], second: Sequence[float]) -> float:
    """The linear correlation of pairs, -1 to 1; 0 where one side never varies.

    Raises:
        ValueError: the two are not equally long.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} values are no pairs. Remedy: give as many of both.")
    if not first:
        return 0.0
    mean, other = sum(first) / len(first), sum(second) / len(second)
    products = sum((x - mean) * (y - other) for x, y in zip(first, second, strict=True))
    squares = sum((x - mean) ** 2 for x in first) * sum((y - other) ** 2 for y in second)
    return max(-1.0, min(1.0, products / sqrt(squares))) if squares else 0.0


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Each p adjusted for how many there are: those at most q are findings of which at most the share q is false.

    Source: Y. Benjamini, Y. Hochberg, Controlling the False Discovery Rate, JRSS B 57 (1995).
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    adjusted = [1.0] * len(p_values)
    least = 1.0
    for smaller, place in enumerate(order):
        least = min(least, p_values[place] * len(p_values) / (len(p_values) - smaller))
        adjusted[place] = least
    return adjusted


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=lambda place: values[place])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end) / 2 + 1
        start = end + 1
    return ranks
