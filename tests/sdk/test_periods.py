"""Calendar periods begin and end where the calendar has them, and a change concerns the days that see it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engage_server.sdk import Dataset, PersonDays, SurveyResponses
from engage_server.sdk.inputs.base import LONGEST, Period, first_of, last_of

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
PERIODS: st.SearchStrategy[Period] = st.sampled_from(["week", "month", "quarter", "year"])


@given(PERIODS, DAYS)
def test_every_day_lies_in_one_period_and_the_next_begins_after_its_last(period: Period, day: date) -> None:
    first, last = first_of(period, day), last_of(period, day)
    assert first <= day <= last
    assert first_of(period, last) == first
    assert first_of(period, last + timedelta(days=1)) == last + timedelta(days=1)
    assert (last - first).days < LONGEST[period]


def test_known_periods() -> None:
    day = date(2024, 2, 29)
    periods: tuple[Period, ...] = ("week", "month", "quarter", "year")
    found = {period: (first_of(period, day), last_of(period, day)) for period in periods}
    assert found == {
        "week": (date(2024, 2, 26), date(2024, 3, 3)),
        "month": (date(2024, 2, 1), day),
        "quarter": (date(2024, 1, 1), date(2024, 3, 31)),
        "year": (date(2024, 1, 1), date(2024, 12, 31)),
    }


@given(PERIODS, DAYS, st.integers(-400, 400))
def test_a_read_covers_the_days_of_the_period_up_to_the_computed_one(
    period: Period, day: date, later: int
) -> None:
    (read,) = PersonDays(period=period).reads
    computed = day + timedelta(days=later)
    inside = first_of(period, computed) <= day <= computed
    assert read.dataset is Dataset.EVENTS
    assert read.covers(day, computed=computed) == inside
    last = read.last_day(day)
    assert last == last_of(period, day)


def test_a_window_of_days_ends_with_the_computed_day() -> None:
    spec = PersonDays(days=3)
    assert (spec.first_day(date(2026, 3, 2)), spec.length_on(date(2026, 3, 2))) == (date(2026, 2, 28), 3)
    assert spec.is_whole_on(date(2026, 3, 2))
    month = PersonDays(period="month")
    assert (month.length_on(date(2026, 3, 2)), month.is_whole_on(date(2026, 3, 2))) == (2, False)
    assert month.is_whole_on(date(2026, 3, 31))


def test_a_window_before_has_the_same_length_and_a_change_in_it_concerns_the_days_that_see_it() -> None:
    spec = SurveyResponses("nps", days=3, ends_before=2)
    day = date(2026, 3, 10)
    assert (spec.first_day(day), spec.ends_on(day), spec.length_on(day)) == (
        date(2026, 3, 6),
        date(2026, 3, 8),
        3,
    )
    (read,) = spec.reads
    seen = [back for back in range(8) if read.covers(day - timedelta(days=back), computed=day)]
    assert seen == [2, 3, 4]
