"""Which day, week or month after a birth an event lies in, by each clock; and that no cell exceeds its cohort."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.activity.retention_counts import DayUnions, period
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import Retention
from engage_server.sdk.inputs.base import add_months
from engage_server.tenancy.scope import TenantRef, tenant_scope

BERLIN = ZoneInfo("Europe/Berlin")


def store(tenant: TenantRef, *moments: datetime, user: str = "ada", names: tuple[str, ...] = ()) -> None:
    called = names or ("saved",) * len(moments)
    items = [
        EventItem(f"{user} {at}", name, PersonKey(user), at, at, account=f"of {user}")
        for at, name in zip(moments, called, strict=True)
    ]
    with tenant_scope(tenant):
        store_items(items, source="web")


def cells(tenant: TenantRef, spec: Retention, day: date) -> dict[int, tuple[int, int, int]]:
    with tenant_scope(tenant), current_rollups():
        frame = RESOLVERS[Retention](spec, day_window(day, tenant.timezone))
    assert frame.schema == spec.columns
    return {offset: counts for _, offset, *counts in frame.rows() for counts in [tuple(counts)]}


def test_a_return_at_00_01_is_day_1_by_the_calendar_alone(acme):
    tenant = replace(acme, timezone="Europe/Berlin")
    late = datetime(2026, 5, 4, 23, 45, tzinfo=BERLIN)
    store(tenant, late, late + timedelta(minutes=16))
    spec = Retention(days=30, offsets=(0, 1))
    assert cells(tenant, spec, date(2026, 5, 20)) == {0: (1, 1, 1), 1: (1, 1, 1)}
    rolling = replace(spec, clock="rolling")
    assert cells(tenant, rolling, date(2026, 5, 20)) == {0: (1, 1, 1), 1: (1, 1, 0)}


@pytest.mark.parametrize(
    ("born", "back", "calendar", "rolling"),
    [
        # The night of 29 March is an hour short: 23:30 to 00:15 on the day after next are 23 h 45 min.
        (datetime(2026, 3, 28, 23, 30, tzinfo=BERLIN), datetime(2026, 3, 30, 0, 15, tzinfo=BERLIN), 2, 0),
        # 25 October has 25 hours: from its first minute to 23:30 are 24 h 30 min.
        (datetime(2026, 10, 25, 0, 0, tzinfo=BERLIN), datetime(2026, 10, 25, 23, 30, tzinfo=BERLIN), 0, 1),
    ],
)
def test_days_on_which_clocks_change_have_23_and_25_hours(acme, born, back, calendar, rolling):
    tenant = replace(acme, timezone="Europe/Berlin")
    store(tenant, born, back.astimezone(UTC), names=("signed up", "saved"))
    spec = Retention(days=30, offsets=(0, 1, 2), event="saved")
    day = born.date() + timedelta(days=10)
    for clock, number in (("own", calendar), ("rolling", rolling)):
        found = cells(tenant, replace(spec, clock=clock), day)
        assert [offset for offset, counts in found.items() if counts[2]] == [number], clock


def test_of_31_january_month_1_begins_on_the_last_day_of_february(acme):
    store(acme, datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 2, 28, 12, tzinfo=UTC))
    spec = Retention(days=200, cohort="month", unit="month", offsets=(0, 1, 2), event="saved")
    assert [retained for _, _, retained in cells(acme, spec, date(2026, 5, 31)).values()] == [1, 1, 0]
    # It ends before 31 March, and is not whole a day earlier.
    assert cells(acme, spec, date(2026, 3, 30))[1] == (1, 1, 1)
    assert cells(acme, spec, date(2026, 3, 29))[1] == (1, 0, 0)


def test_first_time_is_first_ever_and_other_tenants_count_nowhere(acme, globex):
    early = datetime(2026, 1, 5, 12, tzinfo=UTC)
    store(acme, early, early + timedelta(days=60), early + timedelta(days=61))
    store(globex, early + timedelta(days=60), user="bob")
    for subject in ("person", "account"):
        for event in (None, "saved"):
            spec = Retention(days=30, offsets=(1,), birth_event=event, subject=subject)
            assert cells(acme, spec, date(2026, 3, 20)) == {}
            assert cells(globex, spec, date(2026, 3, 20)) == {1: (1, 1, 0)}


@pytest.mark.parametrize(
    ("spec", "remedy"),
    [
        (Retention(brackets=((1, 7), (7, 9))), "overlap"),
        (Retention(offsets=(-1,)), "count from 0"),
        (Retention(offsets=(1, 1)), "overlap"),
        (Retention(brackets=((1, 2),), mode="streak"), "offsets in place"),
        (Retention(clock="rolling", unit="month"), "hours"),
        (Retention(clock="rolling", subject="account"), "own"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_remedy(acme, spec, remedy):
    with tenant_scope(acme), current_rollups(), pytest.raises(ValueError, match=remedy):
        RESOLVERS[Retention](spec, day_window(date(2026, 5, 4), acme.timezone))


DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))


@given(DAYS, st.sampled_from(["day", "week", "month"]), st.sampled_from(["own", "calendar"]))
def test_periods_follow_one_another_without_gap(born, unit, clock):
    spec = Retention(unit=unit, clock=clock)
    spans = [period(spec, born, number) for number in range(20)]
    assert spans[0][0] == born
    for before, after in pairwise(spans):
        assert after[0] == before[1] + timedelta(days=1)
        assert after[1] >= after[0]


@given(DAYS, st.integers(0, 40))
def test_months_later_it_is_the_same_day_or_the_last(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(
    st.dictionaries(st.integers(0, 60), st.integers(0, 255), max_size=30),
    st.integers(0, 60),
    st.integers(-2, 60),
)
def test_a_union_is_that_of_its_days(sets, start, width):
    first = date(2026, 1, 1)
    unions = DayUnions({first + timedelta(days=day): members for day, members in sets.items()})
    wanted = 0
    for day in range(start, start + width + 1):
        wanted |= sets.get(day, 0)
    begin = first + timedelta(days=start)
    assert unions.union(begin, begin + timedelta(days=width)) == wanted
