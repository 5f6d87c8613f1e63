"""The score of one account from the scores of its components. No frames, no request: arithmetic alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm

from engage_health_score.component import Component
from engage_health_score.config import Band, Cap, MissingMode, Model, Scorecard

Shares = Mapping[str, Fraction]

FILLED_WITH = {MissingMode.ZERO: 0.0, MissingMode.NEUTRAL: 50.0}


@dataclass(frozen=True, slots=True)
class Score:
    """A computed score and what it is made of.

    Args:
        value: 0 to 100, unrounded; null where the band is UNKNOWN.
        before_caps: the same without the caps.
        band: from the unrounded value.
        coverage: share of the configured weight that had values, 0 to 1.
        shares: weight of each component that counts; they add up to 1.
        weights: the same as floats.
        counted: the score each of them counts with, fillings of missing ones included.
        cap: the cap that lowered the value, if one did.
    """

    value: float | None
    before_caps: float | None
    band: Band
    coverage: float
    shares: Shares
    weights: Mapping[str, float]
    counted: Mapping[str, float]
    cap: Cap | None = None


def scorer(config: Scorecard) -> Callable[[Mapping[str, float | None]], Score]:
    """A function from component scores by key (null where missing) to the account's score.

    Sums are exact fractions: the order of components cannot matter, and a mean of 50 is 50, not a hair less.
    """

    # Accounts that lack the same components share their weights: a handful of patterns, not one per account.
    @cache
    def pattern_of(keys: frozenset[str]) -> _Pattern:
        return _pattern(
            effective_shares([c for c in config.components if c.key in keys], config.group_weights)
        )

    @cache
    def coverage_of(keys: frozenset[str]) -> tuple[float, bool]:
        covered = sum((everything[key] for key in keys), Fraction(0))
        return float(covered), bool(keys) and covered >= needed

    everything = pattern_of(frozenset(component.key for component in config.components)).shares
    filling = dict.fromkeys(everything, FILLED_WITH[config.missing]) if config.missing in FILLED_WITH else {}
    needed = Fraction(1) if config.missing is MissingMode.BLOCK else _exact(config.min_coverage)

    def score(scores: Mapping[str, float | None]) -> Score:
        present = {key: value for key in everything if (value := scores.get(key)) is not None}
        coverage, is_enough = coverage_of(frozenset(present))
        if not is_enough:
            return Score(None, None, Band.UNKNOWN, coverage, shares={}, weights={}, counted={})
        counted = filling | present
        pattern = (
            pattern_of(frozenset(counted))
            if config.model is Model.WEIGHTED
            else _pattern(_worst_alone(counted))
        )
        above, below = _exact_mean(pattern, counted)
        cap = _lowest_cap(config.caps, scores, Fraction(above, below)) if config.caps else None
        before = above / below
        value = before if cap is None else float(cap.at_most)
        return Score(
            value, before, config.bands.band(value), coverage, pattern.shares, pattern.weights, counted, cap
        )

    return score


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The shares of the components that count; ``parts`` of a ``whole`` are the same over one denominator."""

    shares: Shares
    weights: Mapping[str, float]
    parts: Mapping[str, int]
    whole: int


def _pattern(shares: Shares) -> _Pattern:
    whole = lcm(*(share.denominator for share in shares.values()))
    parts = {key: share.numerator * (whole // share.denominator) for key, share in shares.items()}
    return _Pattern(shares, {key: float(share) for key, share in shares.items()}, parts, whole)


def _exact_mean(pattern: _Pattern, counted: Mapping[str, float]) -> tuple[int, int]:
    """Numerator and denominator of the weighted mean: a tenth of what it costs to add up fractions."""
    ratios = [(part, *counted[key].as_integer_ratio()) for key, part in pattern.parts.items()]
    # A float's denominator is a power of two, so that the largest is a multiple of all others.
    largest = max(below for _, _, below in ratios)
    return sum(part * above * (largest // below) for part, above, below in ratios), pattern.whole * largest


def effective_shares(components: list[Component], group_weights: Mapping[str, float]) -> Shares:
    """Each component's share of the total: by weight, or within its group first and then by group."""
    in_group: dict[str, Fraction] = {}
    for component in components:
        group = component.group if group_weights else ""
        in_group[group] = in_group.get(group, Fraction(0)) + _exact(component.weight)
    if not group_weights:
        return {c.key: _exact(c.weight) / in_group[""] for c in components}
    all_groups = sum((_exact(group_weights[group]) for group in in_group), Fraction(0))
    return {
        c.key: _exact(group_weights[c.group]) / all_groups * _exact(c.weight) / in_group[c.group]
        for c in components
    }


def _exact(number: float) -> Fraction:
    """The decimal that a person typed (0.1), not its nearest binary neighbour."""
    return Fraction(str(number))


def _worst_alone(counted: Mapping[str, float]) -> Shares:
    worst = min(counted, key=lambda key: (counted[key], key))
    return {key: Fraction(key == worst) for key in counted}


def _lowest_cap(caps: tuple[Cap, ...], scores: Mapping[str, float | None], total: Fraction) -> Cap | None:
    holding = [
        cap
        for cap in caps
        if (score := scores.get(cap.component)) is not None and score < cap.below and cap.at_most < total
    ]
    return min(holding, key=lambda cap: (cap.at_most, cap.component, cap.below), default=None)
