"""The score of one account from the scores of its components. No frames, no request: arithmetic alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from engage_health_score.config import Band, Cap, Component, HealthScoreConfig, MissingMode, Model

Shares = Mapping[str, Fraction]

FILLED_WITH = {MissingMode.ZERO: Fraction(0), MissingMode.NEUTRAL: Fraction(50)}


@dataclass(frozen=True, slots=True)
class Score:
    """A computed score and what it is made of.

    Args:
        value: 0 to 100, unrounded; null where the band is UNKNOWN.
        before_caps: the same without the caps.
        band: from the unrounded value.
        coverage: share of the configured weight that had values, 0 to 1.
        shares: weight of each component that counts; they add up to 1.
        counted: the score each of them counts with, fillings of missing ones included.
        cap: the cap that lowered the value, if one did.
    """

    value: float | None
    before_caps: float | None
    band: Band
    coverage: float
    shares: Shares
    counted: Mapping[str, Fraction]
    cap: Cap | None = None


def scorer(config: HealthScoreConfig) -> Callable[[Mapping[str, float | None]], Score]:
    """A function from component scores by key (null where missing) to the account's score.

    Sums are exact fractions: the order of components cannot matter, and a mean of 50 is 50, not a hair less.
    """

    # Accounts that lack the same components share their weights: a handful of patterns, not one per account.
    @cache
    def shares_of(keys: frozenset[str]) -> Shares:
        return effective_shares([c for c in config.components if c.key in keys], config.group_weights)

    @cache
    def coverage_of(keys: frozenset[str]) -> Fraction:
        return sum((everything[key] for key in keys), Fraction(0))

    everything = shares_of(frozenset(component.key for component in config.components))
    filling = dict.fromkeys(everything, FILLED_WITH[config.missing]) if config.missing in FILLED_WITH else {}
    needed = Fraction(1) if config.missing is MissingMode.BLOCK else _exact(config.min_coverage)

    def score(scores: Mapping[str, float | None]) -> Score:
        present = {key: Fraction(value) for key in everything if (value := scores.get(key)) is not None}
        coverage = coverage_of(frozenset(present))
        if not present or coverage < needed:
            return Score(None, None, Band.UNKNOWN, float(coverage), shares={}, counted={})
        counted = filling | present
        shares = shares_of(frozenset(counted)) if config.model is Model.WEIGHTED else _worst_alone(counted)
        total = sum((shares[key] * counted[key] for key in shares), Fraction(0))
        cap = _lowest_cap(config.caps, scores, total)
        value = float(total if cap is None else Fraction(cap.at_most))
        return Score(value, float(total), config.bands.band(value), float(coverage), shares, counted, cap)

    return score


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


def _worst_alone(counted: Mapping[str, Fraction]) -> Shares:
    worst = min(counted, key=lambda key: (counted[key], key))
    return {key: Fraction(key == worst) for key in counted}


def _lowest_cap(caps: tuple[Cap, ...], scores: Mapping[str, float | None], total: Fraction) -> Cap | None:
    holding = [
        cap
        for cap in caps
        if (score := scores.get(cap.component)) is not None and score < cap.below and cap.at_most < total
    ]
    return min(holding, key=lambda cap: (cap.at_most, cap.component), default=None)
