"""Trailing windows: each counts every id of its days once."""

from hypothesis import given
from hypothesis import strategies as st

from engage_server.activity.rolling_counts import count_rolling


@given(
    days=st.dictionaries(st.integers(0, 40), st.sets(st.integers(0, 70)), max_size=30),
    trailing=st.integers(1, 33),
    number=st.integers(1, 20),
)
def test_a_window_counts_each_id_of_its_days_once(
    days: dict[int, set[int]], trailing: int, number: int
) -> None:
    sets = {day: sum(1 << one for one in ids) for day, ids in days.items()}
    naive = [
        len(set().union(*(days.get(day, set()) for day in range(start, start + trailing))))
        for start in range(number)
    ]
    assert count_rolling(sets, trailing=trailing, number=number) == naive
