"""Periods of days, half-open, an end of None is none: sorted, not empty, and never touching one another."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

Period = tuple[date, date | None]
Periods = Sequence[Period]
DAY = timedelta(days=1)


def from_day_on(periods: Periods, day: date, *, inside: bool) -> list[Period]:
    """What was before the day, and from the day on all days or none."""
    return joined([*_before(periods, day), *([(day, None)] if inside else [])])


def on_day(periods: Periods, day: date, *, inside: bool) -> list[Period]:
    """The same periods, but for this one day."""
    following = day + DAY
    only = [(day, following)] if inside else []
    return joined([*_before(periods, day), *only, *_from(periods, following)])


def joined(periods: Iterable[tuple[date, date | None]]) -> list[Period]:
    """Sorted periods, those that touch made one."""
    found: list[Period] = []
    for start, end in periods:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _before(periods: Periods, day: date) -> list[Period]:
    return [(start, day if end is None or end > day else end) for start, end in periods if start < day]


def _from(periods: Periods, day: date) -> list[Period]:
    return [(max(start, day), end) for start, end in periods if end is None or end > day]
