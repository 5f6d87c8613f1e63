"""The first week: its days, its parts, and who is too young for a verdict."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from engage_first_week.config import FirstWeekConfig
from engage_first_week.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Measurement, SignupDays, SignupMilestones, Status, Subject, account
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
Row = dict[str, Any]


def noon(days_ago: int) -> datetime:
    return datetime(2026, 6, 30, 12, tzinfo=UTC) - timedelta(days=days_ago)


def signup(person: int, days_ago: int, *, aha: int | None = None, of: int | None = 1) -> Row:
    """A sign-up at noon, with the days after which the aha came."""
    at = noon(days_ago)
    return {
        "person": person,
        "account": of,
        "signed_up_at": at,
        "milestone_1": None if aha is None else at + timedelta(days=aha),
    }


def active(person: int, offset: int, *, value_events: int = 0, minutes: int = 30, events: int = 3) -> Row:
    return {
        "person": person,
        "offset": offset,
        "events": events,
        "value_events": value_events,
        "active_minutes": minutes,
    }


def compute(signups: list[Row], days: list[Row], **config: Any) -> dict[Subject, Measurement]:
    rows = {"signups": signups, "days": days}
    request = request_for(MANIFEST, rows, config=FirstWeekConfig(**config), day=DAY)
    return {one.subject: one for one in plugin.engage_compute(request)}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_asks_for_the_cohort_and_the_running_week_from_the_purchase_on() -> None:
    specs = MANIFEST.inputs_for(FirstWeekConfig(signup_event="Order Completed", cohort_days=10))
    assert specs["signups"] == SignupMilestones((("*", 1),), 8, 16, "Order Completed", 30)
    assert specs["days"] == SignupDays(7, 16, "Order Completed", 30)


def test_the_parts_are_days_value_last_day_and_aha_and_add_up() -> None:
    days = [active(1, 0, value_events=1), active(1, 3, value_events=1)]
    found = compute([signup(1, 10, aha=3)], days)[TENANT]
    assert {part.key: part.value for part in found.contributions} == {
        "days": pytest.approx(200 / 3),
        "value": pytest.approx(40),
        "last_day": pytest.approx(50),
        "aha": 100,
    }
    assert found.value == pytest.approx((200 / 3 + 40 + 50 + 100) / 4)


def test_weights_are_the_tenants() -> None:
    weights = {"days": 0, "value": 0, "last_day": 1, "aha": 3}
    found = compute([signup(1, 10)], [active(1, 0), active(1, 6)], weights=weights)[TENANT]
    assert found.value == 25


def test_until_seven_full_days_an_account_is_immature_and_does_not_touch_the_mature_ones() -> None:
    signups = [signup(1, 6, of=1), signup(2, 5, of=2)]
    found = compute(signups, [active(1, 0), active(2, 0)])
    assert [found[account(id)].status for id in (1, 2)] == [Status.OK, Status.IMMATURE]
    assert (found[TENANT].n, found[TENANT].status) == (1, Status.OK)
    assert found[account(2)].details.dropped_share is None


def test_the_cohort_is_made_of_the_last_weeks_that_are_over() -> None:
    signups = [signup(1, 6), signup(2, 15), signup(3, 16)]
    assert compute(signups, [], cohort_days=10)[TENANT].n == 2


def test_who_dropped_off_is_told_by_aha_and_by_how_short_they_were_there() -> None:
    signups = [signup(1, 10, aha=0), signup(2, 10), signup(3, 10), signup(4, 10)]
    days = [active(1, 1), active(2, 1, minutes=4), active(3, 0, minutes=60), active(4, 2, minutes=1)]
    details = compute(signups, days)[TENANT].details
    assert (details.dropped_share, details.dropped_before_aha, details.dropped_after_short) == (
        0.75,
        0.5,
        0.25,
    )


@pytest.mark.parametrize(("days_ago", "alarm"), [(0, False), (1, True), (6, True)])
def test_the_alarm_threshold_grows_with_the_days_that_have_passed(days_ago: int, alarm: bool) -> None:
    # One active day of three is a twelfth of the score: 8.33. Of 30 points 4.29 are due on the first day, 8.57 on the next.
    found = compute([signup(1, days_ago)], [active(1, 0)], alarm_below=30)[account(1)]
    assert found.value == pytest.approx(100 / 12)
    assert found.details.alarm is alarm


def test_a_day_of_notices_alone_is_no_active_day() -> None:
    found = compute([signup(1, 10)], [active(1, 0), active(1, 6, events=0)])[TENANT]
    assert (found.details.active_days, found.details.last_active_day) == (1, 0)


def test_the_week_is_made_of_calendar_days_of_the_zone_even_where_clocks_change() -> None:
    # Signed up at 23:30 in Berlin; the seventh day ends after 6 days and 23.5 hours, one of which the clocks skip.
    at = datetime(2026, 3, 25, 22, 30, tzinfo=UTC)
    last = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)
    for moment, share in ((last, 1), (last + timedelta(minutes=1), 0)):
        rows = {"signups": [{"person": 1, "signed_up_at": at, "milestone_1": moment}]}
        request = request_for(MANIFEST, rows, day=date(2026, 4, 5), timezone="Europe/Berlin")
        (found,) = plugin.engage_compute(request)
        assert found.details.aha_share == share


@pytest.mark.parametrize(
    "wrong", [{"aha": []}, {"weights": {"days": 0, "value": 0, "last_day": 0, "aha": 0}}, {"target_days": 8}]
)
def test_an_impossible_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FirstWeekConfig(**wrong)


signups = st.lists(
    st.builds(
        signup,
        st.integers(1, 6),
        st.integers(0, 40),
        aha=st.none() | st.integers(0, 8),
        of=st.none() | st.integers(1, 3),
    ),
    max_size=6,
    unique_by=lambda row: row["person"],
)
days = st.lists(
    st.builds(
        active,
        st.integers(1, 6),
        st.integers(0, 6),
        value_events=st.integers(0, 9),
        minutes=st.integers(0, 99),
    ),
    max_size=20,
    unique_by=lambda row: (row["person"], row["offset"]),
)


@settings(max_examples=40, deadline=None)
@given(signups, days, st.randoms())
def test_any_week_in_any_order_keeps_the_contract_and_the_scale(
    signups: list[Row], days: list[Row], chance: Any
) -> None:
    request = request_for(MANIFEST, {"signups": signups, "days": days}, day=DAY)
    assert conformance_problems(plugin, requests=[request]) == []
    found = compute(signups, days)
    again = compute(chance.sample(signups, len(signups)), chance.sample(days, len(days)))
    for subject, one in found.items():
        assert one.value is None or -1e-9 <= one.value <= 100 + 1e-9
        assert again[subject].value == pytest.approx(one.value)
