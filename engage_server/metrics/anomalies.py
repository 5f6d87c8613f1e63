"""Which of the newest days of a series are unusual: a robust z against the weeks before, weekday by weekday."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from engage_server.metrics.baselines import WEEK, Baseline, fit
from engage_server.metrics.series import Point
from engage_server.sdk import Status

HISTORY_DAYS: Final = 56
JUDGED_DAYS: Final = 7
LEAST_DAYS: Final = 28
"""Four weeks: before, what a weekday usually says is not known."""
LEAST_VALUES: Final = 20
"""Of the history: so many weekdays has four weeks."""
LEAST_N: Final = 10
"""A history whose values rest on fewer than this is noise, and so is a day that does."""
THRESHOLD: Final = 4.5
"""Of noise that is normal or counts, at most one day in a hundred is as far out, after eight weeks of history."""
JUDGED_STATUSES: Final = frozenset({Status.OK})
WHOLE: Final = HISTORY_DAYS + JUDGED_DAYS


class AnomalyState(StrEnum):
    """Whether a value is unusual, or why that is not known."""

    NORMAL = "NORMAL"
    HIGH = "HIGH"
    LOW = "LOW"
    SHORT_HISTORY = "SHORT_HISTORY"
    FEW = "FEW"
    NO_VALUE = "NO_VALUE"


DESCRIPTIONS: Final = {
    AnomalyState.NORMAL: "as usual on this weekday.",
    AnomalyState.HIGH: "unusually high.",
    AnomalyState.LOW: "unusually low.",
    AnomalyState.SHORT_HISTORY: "less than four weeks of values, or too few of this weekday, so nothing is judged.",
    AnomalyState.FEW: f"the history, or the value, rests on fewer than {LEAST_N}.",
    AnomalyState.NO_VALUE: "the day has no value that is whole.",
}
UNUSUAL: Final = frozenset({AnomalyState.HIGH, AnomalyState.LOW})


@dataclass(frozen=True, slots=True)
class Anomaly:
    """How one day's value lies to what was usual.

    ``z`` is the distance from ``expected`` in standard deviations of the history, null where nothing ever moved in it.
    ``since`` is the first day of the unbroken run of unusual values on the same side. ``days`` is how many days of
    history the judgement rests on.
    """

    day: date
    state: AnomalyState
    value: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    z: float | None = None
    since: date | None = None
    days: int = 0

    @property
    def size(self) -> float | None:
        """The value less the expected one."""
        return None if self.value is None or self.expected is None else self.value - self.expected


def anomalies(points: Sequence[Point], on: date, *, judged: int = JUDGED_DAYS) -> list[Anomaly]:
    """The judgement of each of the ``judged`` days up to ``on`` that has a value, by day.

    Args:
        points: the series by day, from ``HISTORY_DAYS`` before the first judged day.
        on: the last judged day.
        judged: days that are judged. None of them is part of the history, so that a shift of this week cannot hide
            itself.

    Values under another definition than the newest are left out, and so are those that are partial, immature or withheld.
    """
    first = on - timedelta(days=judged - 1)
    whole = [point for point in points if point.status in JUDGED_STATUSES and point.value is not None]
    if not whole or whole[-1].day < first:
        return []
    whole = [point for point in whole if point.definition_version == whole[-1].definition_version]
    history = [point for point in whole if first - timedelta(days=HISTORY_DAYS) <= point.day < first]
    asked = [point for point in whole if first <= point.day <= on]
    if len(history) < LEAST_VALUES or (first - history[0].day).days < LEAST_DAYS:
        return [_unknown(point, AnomalyState.SHORT_HISTORY, len(history)) for point in asked]
    if median(point.n for point in history) < LEAST_N:
        return [_unknown(point, AnomalyState.FEW, len(history)) for point in asked]
    baseline = fit([(point.day, point.value or 0.0) for point in history])
    # A count may fall below what a share must rest on: that it did is the news.
    is_count = all(point.value == point.n for point in history)
    found: list[Anomaly] = []
    before = [_judged(point, baseline, is_count=is_count, days=len(history)) for point in history]
    for point in asked:
        one = _judged(point, baseline, is_count=is_count, days=len(history))
        found.append(_with_onset(one, [*before, *found]))
    return found


def anomaly_on(points: Sequence[Point], on: date) -> Anomaly:
    """The judgement of one day's value."""
    found = anomalies(points, on)
    if not found or found[-1].day != on:
        return Anomaly(on, AnomalyState.NO_VALUE)
    return found[-1]


def _judged(point: Point, baseline: Baseline, *, is_count: bool, days: int) -> Anomaly:
    expected = baseline.expected(point.day)
    if expected is None or point.value is None:
        return _unknown(point, AnomalyState.SHORT_HISTORY, days)
    if point.n < LEAST_N and not is_count:
        return _unknown(point, AnomalyState.FEW, days)
    reach = max(THRESHOLD * baseline.scale, baseline.mark)
    deviation = point.value - expected
    # Equal but for the last bits of floating point is equal.
    is_out = abs(deviation) > reach + 1e-9 * max(1.0, abs(expected))
    state = AnomalyState.NORMAL
    if is_out:
        state = AnomalyState.HIGH if deviation > 0 else AnomalyState.LOW
    return Anomaly(
        day=point.day,
        state=state,
        value=point.value,
        expected=expected,
        low=expected - reach,
        high=expected + reach,
        z=deviation / baseline.scale if baseline.scale else None,
        since=point.day if is_out else None,
        days=days,
    )


def _with_onset(one: Anomaly, before: Sequence[Anomaly]) -> Anomaly:
    if one.state not in UNUSUAL:
        return one
    since = one.day
    for earlier in reversed(before):
        if earlier.state is not one.state or (since - earlier.day).days > WEEK:
            break
        since = earlier.day
    return replace(one, since=since)


def _unknown(point: Point, state: AnomalyState, days: int) -> Anomaly:
    return Anomaly(point.day, state, value=point.value, days=days)
