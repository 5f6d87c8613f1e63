"""Which parts of a score went with an outcome, and what they might weigh. It suggests, and never applies itself.

Works inside the tenant's scope. Writes nothing.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from engage_server.engine.backtest import LEAST, observed, require_days, risk_sign
from engage_server.engine.outcomes import Outcome, outcome_days
from engage_server.metrics.correlation import correlate, correlation_interval, holm, p_of_correlation
from engage_server.metrics.explanation import LIMITING
from engage_server.metrics.models import MetricValue
from engage_server.sdk import Interval

LEVEL: Final = 0.95
MOST_P: Final = 0.05
"""Corrected for all parts: none of them goes with the outcome by chance alone more often than once in twenty times."""


@dataclass(frozen=True, slots=True)
class PartSuggestion:
    """What the past says of one part of a score.

    Args:
        key, label: the part's.
        accounts: with a value of it, each counted once.
        outcomes: of them those with the outcome.
        correlation: of the part's value with what its score is meant to foretell: above 0 it points the right way (low
            values went with leaving, high ones with paying more), below 0 the wrong one; null among too few.
        interval: of the correlation, wide enough for as many parts as there are.
        p: how probable so much would be by chance, corrected for as many parts; null among too few.
        present: its share of the weight, on the average of its values; null where it has none.
        suggested: its share by what was observed; null where that is not told from chance, or points the other way.
    """

    key: str
    label: str
    accounts: int
    outcomes: int
    correlation: float | None
    interval: Interval | None
    p: float | None
    present: float | None
    suggested: float | None


@dataclass(frozen=True, slots=True)
class WeightSuggestions:
    """What the past says of a score's parts, the strongest first. Nothing was applied."""

    metric: str
    outcome: Outcome
    horizon_days: int
    first: date
    last: date
    parts: tuple[PartSuggestion, ...]


@dataclass(slots=True)
class SeenPart:
    """The newest value of a part for each account, with whether the outcome followed, and its weights."""

    label: str
    by_account: dict[int, tuple[float, bool]]
    weights: list[float]


def suggest_weights(
    metric: str, outcome: Outcome, *, horizon_days: int, first: date, last: date
) -> WeightSuggestions:
    """Correlate the values of a score's parts with what became of the accounts in the horizon that followed.

    An account counts once, with its last values before the outcome, or its newest. Parts are the contributions of the
    stored values; caps and overrides are none. Suggested shares are proportional to the correlations that are told from
    chance and point the right way.

    Raises:
        UnknownMetricError, NoDirectionError, TooManyDaysError: as of a back-test.
    """
    sign = risk_sign(metric, outcome)
    days = require_days(first=first, last=last, horizon_days=horizon_days)
    outcomes = outcome_days(outcome, first=min(days), last=last)
    followed = {
        (account, day): had
        for account, day, _, had in observed(metric, outcomes, days=days, horizon_days=horizon_days)
    }
    seen = _parts(metric, days, followed)
    parts = suggestions(seen, sign=sign)
    return WeightSuggestions(metric, outcome, horizon_days, first, last, tuple(parts))


def suggestions(seen: Mapping[str, SeenPart], *, sign: int) -> list[PartSuggestion]:
    """The parts with correlations and suggested shares, the strongest first. Pure.

    ``sign``: 1 where high values are expected to go with the outcome, -1 where low ones are.
    """
    found = [_correlated(key, one, sign, tries=len(seen)) for key, one in sorted(seen.items())]
    return _suggested(found)


def _parts(metric: str, days: list[date], followed: Mapping[tuple[int, date], bool]) -> dict[str, SeenPart]:
    rows = MetricValue.objects.filter(
        metric=metric, subject_kind="account", day__in=days, superseded_at=None
    ).order_by("day")
    seen: dict[str, SeenPart] = {}
    weights: defaultdict[str, list[float]] = defaultdict(list)
    for account, day, contributions in rows.values_list("subject_id", "day", "contributions").iterator():
        if (account, day) not in followed:
            continue
        for part in contributions:
            key = part["key"]
            if key.startswith(LIMITING):
                continue
            one = seen.setdefault(key, SeenPart(part["label"], {}, weights[key]))
            if part.get("weight") is not None:
                one.weights.append(float(part["weight"]))
            if part.get("value") is not None:
                one.by_account[account] = (float(part["value"]), followed[account, day])
    return seen


def _correlated(key: str, seen: SeenPart, sign: int, *, tries: int) -> PartSuggestion:
    pairs = list(seen.by_account.values())
    outcomes = sum(had for _, had in pairs)
    is_enough = min(outcomes, len(pairs) - outcomes) >= LEAST
    r = correlate([value for value, _ in pairs], [float(had) for _, had in pairs]) if is_enough else None
    level = 1 - (1 - LEVEL) / tries
    return PartSuggestion(
        key=key,
        label=seen.label,
        accounts=len(pairs),
        outcomes=outcomes,
        correlation=None if r is None else sign * r,
        interval=None if r is None else correlation_interval(sign * r, len(pairs), level=level),
        p=None if r is None else p_of_correlation(r, len(pairs)),
        present=sum(seen.weights) / len(seen.weights) if seen.weights else None,
        suggested=None,
    )


def _suggested(found: list[PartSuggestion]) -> list[PartSuggestion]:
    """The parts with corrected probabilities and shares, the strongest first."""
    tried = [one for one in found if one.p is not None]
    corrected = dict(zip((one.key for one in tried), holm([one.p or 0.0 for one in tried]), strict=True))
    telling = {
        one.key: one.correlation
        for one in tried
        if one.correlation is not None and one.correlation > 0 and corrected[one.key] < MOST_P
    }
    whole = sum(telling.values())
    parts = [
        replace(
            one,
            p=corrected.get(one.key),
            suggested=telling[one.key] / whole if one.key in telling else None,
        )
        for one in found
    ]
    return sorted(parts, key=lambda one: (-(one.correlation or 0.0), one.key))
