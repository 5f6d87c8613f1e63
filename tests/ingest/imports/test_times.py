"""Times of every usual form become the moment they mean, and what cannot be read is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.ingest.imports.columns import Context
from engage_server.ingest.imports.times import past_time, start_day, time

ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe")
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# Polars knows the rules of zones up to the year 2099; an import refuses what lies in the future by more than a day.
moments = st.datetimes().map(
    # Of a local time that comes twice the text means the first.
    lambda moment: moment.replace(year=1971 + moment.year % 129, day=min(moment.day, 28), fold=0)
)
NOON = datetime(2020, 9, 15, 12, 36, 22, tzinfo=UTC)


def in_zone(context: Context, key: str) -> Context:
    return replace(context, zone=ZoneInfo(key))


@given(moment=st.builds(datetime.replace, moments, tzinfo=offsets), separator=st.sampled_from("T "))
def test_an_iso_time_with_offset_is_read_to_the_microsecond(context, moment, separator):
    column = pl.Series([moment.isoformat(sep=separator)])
    assert time(column, context).values == [moment]


@given(naive=moments, zone=st.sampled_from(ZONES))
def test_a_time_without_offset_is_local_time_of_the_tenant(context, naive, zone):
    expected = naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    local = in_zone(context, zone)
    assert time(pl.Series([naive.isoformat()]), local).values == [expected]
    assert time(pl.Series([naive]), local).values == [expected]


@given(st.integers(10**8, 4 * 10**9))
def test_epoch_seconds_and_milliseconds_mean_the_same_moment(context, seconds):
    expected = datetime.fromtimestamp(seconds, UTC)
    assert time(pl.Series([seconds]), context).values == [expected]
    assert time(pl.Series([str(seconds * 1000)]), context).values == [
        expected if seconds * 1000 >= 10**11 else None
    ]
    assert time(pl.Series([float(seconds)]), context).values == [expected]


@pytest.mark.parametrize(
    "cell",
    [
        "2020-09-15T12:36:22Z",
        "2020-09-15 12:36:22+00:00",
        "2020-09-15 12:36:22 UTC",
        "2020-09-15 12:36:22.000000 UTC",
        "2020-09-15t12:36:22z",
        "2020-09-15 14:36:22+02",
        "2020-09-15 14:36:22 +02",
        "2020-09-15 14:36:22 +0200",
        "2020-09-15T18:06:22+0530",
        "2020-09-15T04:36:22-08",
        "2020-09-15 14:36:22",
        "20200915T143622",
        "1600173382",
        "1600173382000",
        " 1600173382.0 ",
    ],
)
def test_usual_forms_of_one_moment_agree(context, cell):
    assert time(pl.Series([cell]), context).values == [NOON]


def test_forms_may_be_mixed_in_one_column(context):
    parsed = time(
        pl.Series(["2020-09-15T12:36:22Z", None, "2020-09-15 14:36:22", "1600173382", "x"]), context
    )
    assert parsed.values == [NOON, None, NOON, NOON, None]
    assert {row: problem.code for row, problem in parsed.problems.items()} == {4: "INVALID_TIME"}


def test_a_date_is_the_local_midnight(context):
    expected = datetime(2020, 9, 14, 22, tzinfo=UTC)
    assert time(pl.Series(["2020-09-15"]), context).values == [expected]
    assert time(pl.Series([date(2020, 9, 15)]), context).values == [expected]


def test_a_midnight_that_the_clock_skipped_moves_forward(context):
    sao_paulo = in_zone(context, "America/Sao_Paulo")
    expected = datetime(2018, 11, 4, 1, tzinfo=ZoneInfo("America/Sao_Paulo"))
    assert time(pl.Series(["2018-11-04"]), sao_paulo).values == [expected]


def test_of_an_ambiguous_local_time_the_first_is_meant(context):
    assert time(pl.Series(["2020-10-25T02:30:00"]), context).values == [
        datetime(2020, 10, 25, 0, 30, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    "cell", ["yesterday", "15/09/2020", "2020-13-01", "0", "17", "99999999999999", "1e9"]
)
def test_what_is_no_time_is_refused_and_not_guessed(context, cell):
    parsed = time(pl.Series([cell]), context)
    assert parsed.values == [None]
    assert parsed.problems[0].code == "INVALID_TIME"


@pytest.mark.parametrize("number", [0, -1, 17, 10**15])
def test_numbers_that_no_clock_writes_are_refused(context, number):
    assert time(pl.Series([number]), context).problems[0].code == "INVALID_TIME"
    assert time(pl.Series([float(number)]), context).problems[0].code == "INVALID_TIME"


def test_blanks_are_no_problem(context):
    assert time(pl.Series(["", "  ", None]), context).values == [None, None, None]
    assert time(pl.Series([float("nan"), None]), context).problems == {}


def test_moments_outside_of_python_s_years_are_refused(context):
    column = pl.Series([2**60], dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
    assert time(column, context).problems[0].code == "INVALID_TIME"


def test_the_future_begins_after_the_tolerance(context):
    edge = context.now + context.future_tolerance
    parsed = past_time(pl.Series([edge, edge + timedelta(microseconds=1)]), context)
    assert {row: problem.code for row, problem in parsed.problems.items()} == {1: "FUTURE_TIME"}


def test_a_time_stands_for_its_local_date(context):
    assert start_day(pl.Series(["2020-09-15T23:00:00Z", "2020-09-15", ""]), context).values == [
        date(2020, 9, 16),
        date(2020, 9, 15),
        None,
    ]
