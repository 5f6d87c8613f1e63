"""Shares of cohorts: who counts, whose time runs, and what the parts add up to."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Status, Subject, account
from engage_server.sdk.cohorts import Cohort, CohortConfig, Wording, count_cohorts, outcomes, share, when_all
from engage_server.sdk.testing.requests import window_for

WEEK = timedelta(days=7)
WINDOW = window_for(date(2026, 3, 29), "Europe/Berlin")  # a day of 23 hours, whose midnight is at 22:00 UTC
END = WINDOW.end.astimezone(UTC)
NOBODY = pl.DataFrame(schema={"account": pl.Int64})


Entry = tuple[int | None, datetime, datetime | None]


def table(rows: list[Entry], cohort: str = "matured") -> pl.DataFrame:
    kinds = {"account": pl.Int64(), "at": pl.Datetime("us", "UTC"), "done": pl.Datetime("us", "UTC")}
    frame = pl.DataFrame(rows, schema=kinds, orient="row")
    config = CohortConfig(cohort=cohort)
    return outcomes(frame, entered="at", reached="done", within=WEEK, window=WINDOW, config=config)


def cohorts(rows: list[Entry], cohort: str = "matured") -> dict[Subject, Cohort]:
    return dict(count_cohorts(table(rows, cohort), accounts=NOBODY))


def test_time_is_counted_in_hours_and_ends_with_the_window_of_a_short_day() -> None:
    over, running = END - WEEK, END - WEEK + timedelta(microseconds=1)
    assert cohorts([(1, over, None), (1, running, None)])[TENANT] == Cohort(1, 0, 0)
    assert cohorts([(1, over, None), (1, running, None)], "trailing")[TENANT] == Cohort(2, 0, 1)


def test_what_was_reached_on_the_deadline_or_before_the_entry_is_not_in_time() -> None:
    at = END - timedelta(days=9)
    for done, reached in (
        (at, 1),
        (at + WEEK - timedelta(microseconds=1), 1),
        (at + WEEK, 0),
        (at - WEEK, 0),
    ):
        assert cohorts([(None, at, done)])[TENANT].reached == reached


def test_all_milestones_have_to_be_reached() -> None:
    frame = pl.DataFrame({"milestone_1": [1, 5, None], "milestone_2": [3, None, 4]})
    assert frame.select(when_all(2)).to_series().to_list() == [3, None, None]


def test_an_account_without_entries_has_an_empty_cohort_and_no_data() -> None:
    found = dict(count_cohorts(table([]), accounts=pl.DataFrame({"account": [5]})))
    assert found == {TENANT: Cohort(0, 0, 0), account(5): Cohort(0, 0, 0)}
    answer = share(found[TENANT], wording=Wording(), details=None)
    assert (answer.value, answer.parts, answer.interval) == (None, (), None)


@pytest.mark.parametrize("of", ["reached", "lapsed"])
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_parts_add_up_and_the_share_lies_within_its_interval(
    of: Literal["reached", "lapsed"], reached: int, lapsed: int, running: int
) -> None:
    cohort = Cohort(reached + lapsed + running, reached, running)
    answer = share(cohort, wording=Wording(), details=None, of=of)
    if not cohort.entrants:
        return
    assert sum(part.points or 0 for part in answer.parts) == answer.value
    assert sum(int(part.value or 0) for part in answer.parts) == cohort.entrants
    assert answer.interval is not None
    assert answer.value is not None
    assert answer.interval.low <= answer.value <= answer.interval.high
    assert answer.status is (Status.IMMATURE if running else None)


entries = st.tuples(
    st.none() | st.integers(1, 3),
    st.integers(0, 30).map(lambda days: END - timedelta(days=days)),
    st.none() | st.integers(0, 30).map(lambda days: END - timedelta(days=days)),
)


@given(st.lists(entries, max_size=12), st.sampled_from(["matured", "trailing"]), st.randoms())
def test_accounts_and_those_without_one_make_up_the_tenant_in_any_order(
    rows: list[Entry], cohort: str, chance: random.Random
) -> None:
    found = cohorts(rows, cohort)
    unknown = cohorts([row for row in rows if row[0] is None], cohort)[TENANT]
    parts = [one for subject, one in found.items() if subject != TENANT] + [unknown]
    assert found[TENANT] == Cohort(
        sum(one.entrants for one in parts), sum(one.reached for one in parts), sum(one.open for one in parts)
    )
    assert cohorts(chance.sample(rows, len(rows)), cohort) == found
