"""What a schedule owes after an outage, and how tenants are spread over the minutes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.engine.models import Schedule
from engage_server.engine.planning import OWED_AT_MOST, jitter, plan

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def owed(misfire, *, down, late=timedelta(seconds=10), cron="0 * * * *"):
    """Times owed by an hourly schedule that nobody looked at from noon on."""
    found = plan(cron=cron, timezone="UTC", misfire=misfire, since=NOON, now=NOON + down + late, grace_s=300)
    return [moment for moment, _ in found.owed]


@pytest.mark.parametrize(
    ("misfire", "hours"), [("RUN_ALL", [0, 1, 2, 3, 4, 5, 6]), ("RUN_ONCE", [6]), ("SKIP", [6])]
)
def test_a_time_within_the_grace_is_no_misfire_and_runs_under_every_policy(misfire, hours):
    assert owed(misfire, down=timedelta(hours=6)) == [NOON + timedelta(hours=h) for h in hours]


@pytest.mark.parametrize(
    ("misfire", "hours"), [("RUN_ALL", [0, 1, 2, 3, 4, 5, 6]), ("RUN_ONCE", [6]), ("SKIP", [])]
)
def test_after_six_hours_each_policy_owes_what_it_says(misfire, hours):
    fired = owed(misfire, down=timedelta(hours=6), late=timedelta(minutes=20))
    assert fired == [NOON + timedelta(hours=h) for h in hours]


def test_a_long_outage_of_a_busy_schedule_is_bounded_and_says_so():
    found = plan(
        cron="* * * * *",
        timezone="UTC",
        misfire="RUN_ALL",
        since=NOON,
        now=NOON + timedelta(days=2),
        grace_s=0,
    )
    assert len(found.owed) == OWED_AT_MOST
    assert found.owed[-1][0] == NOON + timedelta(days=2)
    assert found.dropped == 2 * 24 * 60 + 1 - OWED_AT_MOST


@settings(deadline=None)
@given(
    misfire=st.sampled_from(Schedule.Misfire.values),
    looks=st.lists(st.integers(1, 30_000), min_size=1, max_size=12).map(sorted),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_however_often_it_is_looked_at_no_time_is_owed_twice_and_run_all_owes_each(misfire, looks, zone):
    cron, since, after = "20 */3 * * *", NOON, NOON - timedelta(minutes=1)
    every = plan(
        cron=cron, timezone=zone, misfire="RUN_ALL", since=since, now=NOON + timedelta(30), grace_s=0
    )
    moments = []
    for minutes in looks:
        now = NOON + timedelta(minutes=minutes)
        if since <= now:
            found = plan(cron=cron, timezone=zone, misfire=misfire, since=since, now=now, grace_s=300)
            moments += [moment for moment, _ in found.owed]
            assert after < found.planned_after <= now < found.next_run_at
            since, after = found.next_run_at, found.planned_after
    assert all(earlier < later for earlier, later in pairwise(moments))
    if misfire == "RUN_ALL":
        assert moments == [m for m, _ in every.owed if m <= NOON + timedelta(minutes=looks[-1])]


def test_a_tenants_jitter_is_always_the_same_and_tenants_are_spread_evenly():
    delays = sorted(jitter(tenant_id, spread_s=300).total_seconds() for tenant_id in range(1, 1_001))
    assert jitter(7, spread_s=300) == jitter(7, spread_s=300)
    assert delays[0] >= 0
    assert delays[-1] < 300
    assert max(later - earlier for earlier, later in pairwise(delays)) < 1
    assert jitter(7, spread_s=0) == timedelta(0)
