"""Periods of days say of every single day what was asked for it, whatever was asked before."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engage_server.segments.periods import Period, from_day_on, on_day

FIRST = date(2026, 3, 1)
LENGTH = 12
changes = st.lists(st.tuples(st.booleans(), st.integers(0, LENGTH - 1), st.booleans()), max_size=12)


def covered(periods: list[Period]) -> list[bool]:
    days = [FIRST + timedelta(days=n) for n in range(LENGTH)]
    return [any(start <= day and (end is None or day < end) for start, end in periods) for day in days]


@given(changes)
def test_every_day_is_as_it_was_asked_for_last_and_the_periods_are_tidy(asked):
    periods: list[Period] = []
    expected = [False] * LENGTH
    for is_single, number, inside in asked:
        change = on_day if is_single else from_day_on
        periods = change(periods, FIRST + timedelta(days=number), inside=inside)
        for day in [number] if is_single else range(number, LENGTH):
            expected[day] = inside
        assert covered(periods) == expected
        ends = [end for _, end in periods]
        assert all(end is None or start < end for start, end in periods)
        assert all(
            end is not None and end < start for end, (start, _) in zip(ends[:-1], periods[1:], strict=True)
        )
