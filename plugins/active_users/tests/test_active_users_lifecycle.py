"""Who is new, returning, resurrecting or dormant, and that the parts are the change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engage_active_users.card import days
from engage_active_users.config import ActiveUsersConfig
from engage_active_users.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.testing import conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]


def first(person: int, at: str) -> dict[str, Any]:
    return {"person": person, "account": 1, "first_at": at}


def computed(
    active: Rows, first_seen: Rows, *, metric: str = "lifecycle", day: date = DAY, **config: Any
) -> dict[Subject, Measurement]:
    rows = {"active": active, "first_seen": first_seen}
    request = request_for(MANIFEST, rows, config=ActiveUsersConfig(**config), day=day)
    return {m.subject: m for m in plugin.engage_compute(request) if m.metric == metric}


def parts(found: Measurement) -> tuple[int, int, int, int]:
    told = found.details
    return told.new, told.returning, told.resurrecting, told.dormant


ACTIVE = days(
    ("2026-06-30", 1, 1), ("2026-06-20", 1, 1), ("2026-06-29", 2, 1), ("2026-06-28", 3, 2), ("2026-06-23", 4, 1),
    ("2026-06-17", 5, 1), ("2026-06-16", 3, 2),
)  # fmt: skip
FIRST = [first(2, "2026-06-29T10:00:00+00:00"), first(4, "2026-06-23T10:00:00+00:00")]


def test_the_dormant_count_below_zero_in_the_period_after() -> None:
    found = computed(ACTIVE, FIRST)
    assert parts(found[TENANT]) == (1, 1, 1, -2)
    assert found[TENANT].value == 0
    assert parts(found[account(1)]) == (1, 1, 0, -2)
    assert parts(found[account(2)]) == (0, 0, 1, 0)


def test_new_is_the_first_event_ever_and_only_in_the_period_in_which_it_lies() -> None:
    assert parts(computed(days(("2026-06-30", 2, 1)), FIRST)[TENANT]) == (1, 0, 0, 0)
    before = computed(days(("2026-06-30", 4, 1)), FIRST)[TENANT]
    assert parts(before) == (0, 0, 1, 0)


def test_who_goes_to_another_account_is_dormant_there_and_resurrecting_here_and_returning_for_the_tenant() -> (
    None
):
    found = computed(days(("2026-06-20", 1, 1), ("2026-06-30", 1, 2)), [])
    assert parts(found[TENANT]) == (0, 1, 0, 0)
    assert parts(found[account(1)]) == (0, 0, 0, -1)
    assert parts(found[account(2)]) == (0, 0, 1, 0)


def test_calendar_months_have_their_own_lengths_and_are_partial_until_they_end() -> None:
    active = days(("2026-02-01", 1, 1), ("2026-02-28", 2, 1), ("2026-03-01", 2, 1))
    found = computed(active, [], day=date(2026, 3, 30), windows="calendar", lifecycle_period="month")[TENANT]
    assert (parts(found), found.status, found.window_days) == ((0, 1, 0, -1), Status.PARTIAL, 30)
    ended = computed(active, [], day=date(2026, 3, 31), windows="calendar", lifecycle_period="month")[TENANT]
    assert ended.status is Status.OK


def test_nobody_at_all_has_no_data() -> None:
    assert computed([], [])[TENANT].status is Status.NO_DATA


ROWS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 6), st.sampled_from([1, 2, None])), min_size=1, max_size=40
)


def story(rows: list[tuple[int, int, int | None]]) -> tuple[Rows, Rows]:
    """Active days, and who was first seen when, of the same history."""
    firsts: dict[int, date] = {}
    active = []
    for back, person, of in rows:
        day = DAY - timedelta(days=back)
        firsts[person] = min(day, firsts.get(person, day))
        active.append({"day": day, "person": person, "account": of})
    seen = [
        {"person": person, "account": 1, "first_at": datetime.combine(day, time(12), UTC)}
        for person, day in firsts.items()
        if day > DAY - timedelta(days=31)
    ]
    return active, seen


@settings(max_examples=20)
@given(ROWS, st.sampled_from(["rolling", "calendar"]), st.sampled_from(["day", "week", "month"]))
def test_the_change_is_the_actives_of_now_less_those_of_before(
    rows: list[tuple[int, int, int | None]], windows: Any, period: Any
) -> None:
    active, seen = story(rows)
    config = ActiveUsersConfig(windows=windows, lifecycle_period=period)
    found = computed(active, seen, windows=windows, lifecycle_period=period)[TENANT]
    metric = {"day": "dau", "week": "wau", "month": "mau"}[period]
    now = computed(active, seen, metric=metric, windows=windows)[TENANT]
    start = now.details.first_day
    earlier = [row for row in active if row["day"] < start]
    before = computed(earlier, [], metric=metric, day=start - timedelta(days=1), windows=windows)[TENANT]
    told = found.details
    if told is None:
        assert (now.value, before.value) == (0, 0)
        return
    assert told.new + told.returning + told.resurrecting == now.value
    assert told.returning - told.dormant == before.value
    assert found.value == now.details.persons - before.details.persons
    assert sum(part.points or 0 for part in found.contributions) == found.value
    request = request_for(MANIFEST, {"active": active, "first_seen": seen}, config=config)
    assert conformance_problems(plugin, requests=[request]) == []


@settings(max_examples=20)
@given(ROWS)
def test_daily_actives_are_weekly_and_weekly_are_monthly_ones(
    rows: list[tuple[int, int, int | None]],
) -> None:
    active, _ = story(rows)
    found = [computed(active, [], metric=metric) for metric in ("dau", "wau", "mau")]
    for subject in found[0]:
        day, week, month = (one[subject].details.persons for one in found)
        assert 0 <= day <= week <= month
