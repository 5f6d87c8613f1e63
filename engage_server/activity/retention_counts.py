"""Counts who came back, from one set of ids a day.

A set is an integer whose bits stand for ids: to join two, or to count one, is a single operation on thousands of ids.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from operator import and_

from engage_server.sdk import Retention
from engage_server.sdk.inputs.base import add_months, first_of

Cell = tuple[date, int]
Counts = dict[Cell, list[int]]
"""Size, eligible and retained by cohort and offset."""


@dataclass(slots=True)
class DayUnions:
    """Unions of the sets of any stretch of days, each joined from two that are kept."""

    days: Mapping[date, int]
    _kept: dict[tuple[int, int], int] = field(default_factory=dict)

    def union(self, first: date, last: date) -> int:
        """Who is in the set of a day from ``first`` to ``last``, both included."""
        start, width = first.toordinal(), (last - first).days + 1
        if width <= 0:
            return 0
        power = width.bit_length() - 1
        return self._doubling(start, power) | self._doubling(start + width - (1 << power), power)

    def _doubling(self, start: int, power: int) -> int:
        """The union of 2 ** ``power`` days."""
        if not power:
            return self.days.get(date.fromordinal(start), 0)
        key = (start, power)
        if key not in self._kept:
            half = 1 << (power - 1)
            self._kept[key] = self._doubling(start, power - 1) | self._doubling(start + half, power - 1)
        return self._kept[key]


def period(spec: Retention, born: date, number: int) -> tuple[date, date]:
    """First and last day of a member's period, by the clocks that go by days; the period 0 begins with the birth."""
    base = first_of(spec.unit, born) if spec.clock == "calendar" and spec.unit != "day" else born
    if spec.unit == "month":
        first, past = add_months(base, number), add_months(base, number + 1)
    else:
        length = timedelta(days=7 if spec.unit == "week" else 1)
        first, past = base + number * length, base + (number + 1) * length
    return max(first, born), past - timedelta(days=1)


def cohort_of(spec: Retention, born: date) -> date:
    """The first day of the cohort of who was born on this day."""
    return born if spec.cohort == "day" else first_of(spec.cohort, born)


def count_retained(
    spec: Retention, *, born: Mapping[date, int], active: Mapping[date, int], last: date, counts: Counts
) -> None:
    """Add to the counts those of the ids that are born.

    Args:
        spec: what is asked.
        born: who was born, by day.
        active: who did the event that is asked for, by day, up to ``last``.
        last: the last day of the window.
        counts: those of other ids, which these are added to.
    """
    unions = DayUnions(active)
    for day, members in born.items():
        number = members.bit_count()
        if not number:
            continue
        for first, past in spec.stretches:
            cell = counts.setdefault((cohort_of(spec, day), first), [0, 0, 0])
            cell[0] += number
            back = _back(spec, unions, members, born=day, stretch=(first, past), last=last)
            if back is not None:
                cell[1] += number
                cell[2] += back.bit_count()


def sets_of_cell(
    spec: Retention, *, born: Mapping[date, int], active: Mapping[date, int], last: date, cell: Cell
) -> tuple[int, int, int]:
    """Of one cell the sets that ``count_retained`` counts: members, those whose period is over, and who came back."""
    cohort, offset = cell
    (stretch,) = (one for one in spec.stretches if one[0] == offset)
    unions, members, eligible, retained = DayUnions(active), 0, 0, 0
    for day, on_day in born.items():
        if cohort_of(spec, day) != cohort:
            continue
        members |= on_day
        back = _back(spec, unions, on_day, born=day, stretch=stretch, last=last)
        if back is not None:
            eligible, retained = eligible | on_day, retained | back
    return members, eligible, retained


def _back(
    spec: Retention, unions: DayUnions, members: int, *, born: date, stretch: tuple[int, int], last: date
) -> int | None:
    """Who of the members born on a day came back in the stretch; None where it is not over."""
    if period(spec, born, stretch[1])[1] > last:
        return None
    return reduce(and_, (unions.union(*days) for days in _asked(spec, born, stretch, last)), members)


def _asked(spec: Retention, born: date, stretch: tuple[int, int], last: date) -> Iterator[tuple[date, date]]:
    """The stretches of days in each of which a member must have been active."""
    first, past = stretch
    if spec.mode == "streak":
        for number in range(min(1, past), past + 1):
            yield period(spec, born, number)
        return
    begin = min(1, past) if spec.mode == "on_or_before" else first
    end = last if spec.mode == "on_or_after" else period(spec, born, past)[1]
    yield period(spec, born, begin)[0], end


def first_occurrences(days: Mapping[date, int], *, since: date) -> dict[date, int]:
    """Who is in a set for the first time, by day, from ``since`` on; ``days`` are all days ever."""
    seen, found = 0, {}
    for day in sorted(days):
        if day >= since:
            found[day] = days[day] & ~seen
        seen |= days[day]
    return found
