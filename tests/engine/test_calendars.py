"""A schedule at 02:30 against a second implementation that knows nothing of cron: it walks UTC and reads the clock.

Rules (docs/engine.md): a time that the clocks skip fires at the moment they have jumped; a time that comes twice
fires the first time. Ten years hold every kind of change, Samoa's skipped day and three leap days.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from engage_server.engine.cron import last_full_day, next_fire

FIRST, END = datetime(2006, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = (
    "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Istanbul", "Europe/Moscow",
    "Africa/Cairo", "Africa/Casablanca", "Africa/Windhoek", "America/New_York", "America/Los_Angeles",
    "America/St_Johns", "America/Caracas", "America/Sao_Paulo", "America/Santiago", "America/Havana",
    "America/Asuncion", "America/Godthab", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut",
    "Asia/Amman", "Asia/Pyongyang", "Asia/Seoul", "Australia/Lord_Howe", "Australia/Adelaide",
    "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia",
)  # fmt: skip
HALF_PAST_TWO = time(2, 30)


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    elapsed = moment.astimezone(zone).utcoffset()
    assert elapsed is not None
    return elapsed


def jumps(zone: ZoneInfo) -> dict[datetime, timedelta]:
    """UTC minutes at which the zone's offset has changed, with the change."""
    found = {}
    moment, before = FIRST, offset(zone, FIRST)
    while moment < END:
        after = offset(zone, moment + HOUR)
        if after != before:
            minute = moment
            while offset(zone, minute) == before:
                minute += MINUTE
            found[minute] = after - before
        moment, before = moment + HOUR, after
    return found


@cache
def walked(name: str) -> list[datetime]:
    """Every UTC minute at which the wall clock shows 02:30 for the first time, or has just jumped over it.

    Between two changes the clock shows 02:30 every 1,440 minutes; only the first of these is searched for.
    """
    zone = ZoneInfo(name)
    changes = jumps(zone)
    moments: dict[datetime, datetime] = {}
    moment = FIRST
    for stop in [*sorted(changes), END]:
        while moment < stop and wall(zone, moment).time() != HALF_PAST_TWO:
            moment += MINUTE
        while moment < stop:
            moments.setdefault(wall(zone, moment), moment)
            moment += DAY
        moment = stop
        if stop < END:
            after = wall(zone, stop)
            skipped = datetime.combine(after - changes[stop], HALF_PAST_TWO)
            skipped += DAY if skipped < after - changes[stop] else timedelta(0)
            if skipped < after:
                moments[skipped] = stop
    return sorted(set(moments.values()))


def wall(zone: ZoneInfo, moment: datetime) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


@pytest.mark.parametrize("name", ZONES)
def test_half_past_two_fires_as_the_clocks_on_the_wall_say(name):
    expected = walked(name)
    fired = [next_fire("30 2 * * *", FIRST - MINUTE, name).astimezone(UTC)]
    while fired[-1] < END:
        fired.append(next_fire("30 2 * * *", fired[-1], name).astimezone(UTC))
    assert fired[:-1] == expected


@pytest.mark.parametrize("name", ZONES)
def test_no_day_is_computed_by_nobody_and_none_twice_but_beside_a_skipped_date(name):
    zone = ZoneInfo(name)
    days = [last_full_day(moment, name) for moment in walked(name)]
    doubled = [after for before, after in pairwise(days) if after == before]
    assert doubled == ([date(2011, 12, 29)] if name == "Pacific/Apia" else [])
    real, day = [], days[0]
    while day <= days[-1]:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC).astimezone(zone)
        real += [day] if noon.date() == day else []
        day += DAY
    assert sorted(set(days)) == real


def test_a_dispatcher_that_starts_within_a_repeated_hour_does_not_fire_it_again():
    inside = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    fired = next_fire("30 2 * * *", inside, "Europe/Berlin")
    assert fired.astimezone(UTC) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_leap_day_has_its_run():
    fired = next_fire("30 2 * * *", datetime(2028, 2, 29, 12, tzinfo=UTC), "Asia/Seoul")
    assert last_full_day(fired, "Asia/Seoul") == date(2028, 2, 29)


def test_an_expression_with_a_star_follows_elapsed_time():
    moment, fired = datetime(2026, 10, 24, 23, 59, tzinfo=UTC), []
    for _ in range(4):
        moment = next_fire("*/30 2 * * *", moment, "Europe/Berlin").astimezone(UTC)
        fired.append(moment)
    assert fired == [datetime(2026, 10, 25, 0, tzinfo=UTC) + n * timedelta(minutes=30) for n in range(4)]
