"""Distinct persons of trailing windows, held against sets counted day by day."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk.rolling import rolling_actives, rolling_ratios

LAST = date(2026, 6, 30)
ROWS = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from([1, 2, 3, None]), st.sampled_from([None, 7, 8])),
    max_size=30,
)
SCHEMA = {"day": pl.Date, "person": pl.Int64, "account": pl.Int64}


def frame(rows: list[tuple[int, int | None, int | None]]) -> pl.DataFrame:
    days = [(LAST - timedelta(days=back), person, account) for back, person, account in rows]
    return pl.DataFrame(days, schema=SCHEMA, orient="row")


def by_sets(active: pl.DataFrame, first: date, trailing: int) -> list[tuple[date, int]]:
    counts = []
    for number in range((LAST - first).days + 1):
        day = first + timedelta(days=number)
        seen = {
            person
            for at, person, _ in active.iter_rows()
            if person is not None and day - timedelta(days=trailing) < at <= day
        }
        counts.append((day, len(seen)))
    return counts


@settings(max_examples=60)
@given(ROWS, st.integers(0, 9), st.integers(1, 12))
def test_it_counts_what_sets_count(
    rows: list[tuple[int, int | None, int | None]], back: int, trailing: int
) -> None:
    active, first = frame(rows), LAST - timedelta(days=back)
    whole = rolling_actives(active, first=first, last=LAST, trailing=trailing)
    assert whole.rows() == by_sets(active, first, trailing)
    split = rolling_actives(active, first=first, last=LAST, trailing=trailing, by=("account",))
    accounts = sorted({account for _, person, account in rows if account is not None and person is not None})
    assert split.rows() == [
        (account, *counted)
        for account in accounts
        for counted in by_sets(active.filter(pl.col("account") == account), first, trailing)
    ]


def test_nobody_at_all_is_zero_on_every_day_and_no_account() -> None:
    first = LAST - timedelta(days=1)
    assert rolling_actives(frame([]), first=first, last=LAST, trailing=7)["persons"].to_list() == [0, 0]
    assert rolling_actives(frame([]), first=first, last=LAST, trailing=7, by=("account",)).is_empty()


def test_a_person_in_two_accounts_counts_once_for_all_and_once_in_each() -> None:
    active = frame([(0, 1, 7), (0, 1, 8)])
    assert rolling_actives(active, first=LAST, last=LAST, trailing=1)["persons"].to_list() == [1]
    split = rolling_actives(active, first=LAST, last=LAST, trailing=1, by=("account",))
    assert split["persons"].to_list() == [1, 1]


def test_a_ratio_has_both_counts_of_the_days_on_which_anybody_counts() -> None:
    active, first = frame([(0, 1, 7), (3, 2, 7), (3, 2, 8)]), LAST - timedelta(days=5)
    found = rolling_ratios(active, first=first, last=LAST, short=1, long=3)
    days = [LAST - timedelta(days=back) for back in (3, 2, 1, 0)]
    assert found.rows() == [(days[0], 1, 1), (days[1], 0, 1), (days[2], 0, 1), (days[3], 1, 1)]
    split = rolling_ratios(active, first=first, last=LAST, short=1, long=3, by=("account",))
    assert split.filter(pl.col("account") == 8)["denominator"].to_list() == [1, 1, 1]
