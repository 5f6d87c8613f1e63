"""Concurrent peaks, provisioned members and the what-if over denominators."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engage_license_utilization.card import FAMILY, plan, session, users
from engage_license_utilization.config import LicenseUtilizationConfig
from engage_license_utilization.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import Measurement, Members, Sessions
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import conformance_problems, request_for

Rows = list[dict[str, Any]]
MANIFEST = plugin.engage_manifest()
TENANT = 0


def compute(config: dict[str, Any], **rows: Rows) -> dict[int, Measurement]:
    """Measurements by account id; 0 is the tenant."""
    request = request_for(MANIFEST, rows, config=LicenseUtilizationConfig(**config))
    return {one.subject.id: one for one in plugin.engage_compute(request)}


def test_further_inputs_are_read_only_where_they_are_asked_for() -> None:
    assert set(MANIFEST.inputs_for(LicenseUtilizationConfig())) == {"active", "seats", "accounts"}
    asked = LicenseUtilizationConfig(users="concurrent_peak", what_if=True, window_days=7)
    inputs = MANIFEST.inputs_for(asked)
    assert (inputs["members"], inputs["sessions"]) == (Members(days=7), Sessions(days=7))


PEAK = {"users": "concurrent_peak"}


def test_a_session_of_one_event_counts_at_its_moment_and_one_that_begins_as_another_ends_with_it() -> None:
    sessions = [session(1, 1, "09:00", 10), session(1, 2, "09:10", 0), session(1, 3, "09:20", 0)]
    peak = compute(PEAK, active=users(1, 1, 2, 3), seats=[plan(1, 4)], sessions=sessions)[1]
    assert (peak.value, peak.details.peak_users, peak.details.active_users) == (50, 2, 3)
    assert peak.contributions == ()


def test_a_parents_peak_is_that_of_all_below_it_together() -> None:
    sessions = [session(2, 1, "09:00", 10), session(3, 2, "09:05", 10), session(3, 3, "12:00", 10)]
    measured = compute(PEAK, seats=[plan(1, 4)], sessions=sessions, accounts=FAMILY, active=users(2, 1))
    assert (measured[1].details.peak_users, measured[1].value, measured[TENANT].value) == (2, 50, 50)


def test_who_uses_no_seat_is_in_no_peak() -> None:
    sessions = [session(1, 1, "09:00", 10), session(2, 2, "09:00", 10)]
    measured = compute(PEAK, seats=[plan(1, 4), plan(2, None)], sessions=sessions)
    assert (measured[TENANT].details.peak_users, measured[1].details.peak_users) == (1, 1)


def test_without_a_session_the_peak_is_zero() -> None:
    quiet = compute(PEAK, seats=[plan(1, 4)], active=users(1, 1))[1]
    assert (quiet.value, quiet.details.peak_users, quiet.details.spare_seats) == (0, 0, 4)


def test_members_stand_in_for_the_missing_number_of_an_unlimited_plan_alone() -> None:
    rows = {
        "active": [*users(1, 1), *users(2, 2)],
        "members": [*users(1, 1, 3, 4, 5), *users(2, 2, 6)],
        "seats": [plan(1, None), plan(2, 4)],
    }
    measured = compute({"provisioned": "unlimited"}, **rows)
    assert [(measured[id].value, measured[id].details.mode) for id in (1, 2, TENANT)] == [
        (25, "provisioned"),
        (25, "seats"),
        (25, "seats"),
    ]
    assert [measured[id].details.provisioned for id in (1, 2, TENANT)] == [4, 2, 6]


def test_members_may_stand_in_for_all_seats() -> None:
    measured = compute(
        {"provisioned": "always"}, active=users(1, 1), members=users(1, 1, 2), seats=[plan(1, 1)]
    )
    assert (measured[1].value, measured[1].details.seats, measured[1].details.mode) == (
        50,
        None,
        "provisioned",
    )


def test_a_member_of_two_children_is_one_of_the_parents() -> None:
    measured = compute({"provisioned": "always"}, members=[*users(2, 7), *users(3, 7)], accounts=FAMILY)
    assert [measured[id].details.provisioned for id in (1, 2, TENANT)] == [1, 1, 1]


def test_the_what_if_stands_beside_the_value_whichever_that_is() -> None:
    rows = {
        "active": users(1, *range(8)),
        "members": users(1, *range(10)),
        "seats": [plan(1, 10), plan(1, 6, is_trial=True)],
    }
    for config in ({}, {"include_trials": True}, {"provisioned": "always"}):
        measured = compute({"what_if": True, **config}, **rows)
        for id in (1, TENANT):
            compared = encoded(measured[id].details)["what_if"]
            assert [(one["denominator"], one["seats"], one["utilization"]) for one in compared] == [
                ("PURCHASED", 10, 80),
                ("ENTITLED", 16, 50),
                ("PROVISIONED", 10, 80),
            ]


def test_without_a_number_the_what_if_says_so() -> None:
    measured = compute({"what_if": True}, active=users(1, 1), seats=[plan(1, None)], members=users(1, 1, 2))
    assert [(one.seats, one.utilization) for one in measured[1].details.what_if] == [
        (None, None),
        (None, None),
        (2, 50),
    ]


HOURS = st.integers(0, 40)
SESSIONS = st.lists(st.tuples(st.integers(1, 3), HOURS, st.integers(0, 9)), max_size=12)
BEGIN = datetime(2026, 6, 30, tzinfo=UTC)


@settings(max_examples=40, deadline=None)
@given(SESSIONS)
def test_the_peak_is_the_most_of_any_moment(held: list[tuple[int, int, int]]) -> None:
    sessions = [
        {
            "account": account,
            "person": number,
            "started_at": (BEGIN + timedelta(minutes=start)).isoformat(),
            "seconds": 60.0 * minutes,
        }
        for number, (account, start, minutes) in enumerate(held)
    ]
    measured = compute(PEAK, seats=[plan(id, 5) for id in (1, 2, 3)], sessions=sessions)
    for id in (TENANT, 1, 2, 3):
        own = [(start, start + minutes) for account, start, minutes in held if id in (TENANT, account)]
        most = max((sum(a <= moment <= b for a, b in own) for moment in range(50)), default=0)
        assert measured[id].details.peak_users == most


@settings(max_examples=30, deadline=None)
@given(
    SESSIONS,
    st.lists(
        st.builds(plan, st.integers(1, 3), st.none() | st.integers(0, 9), is_trial=st.booleans()), max_size=5
    ),
    st.sampled_from(["ignored", "unlimited", "always"]),
    st.sampled_from(["distinct", "concurrent_peak"]),
)
def test_any_variant_keeps_the_contract(
    held: list[tuple[int, int, int]], seats: Rows, provisioned: str, who: str
) -> None:
    acts = [{"account": account, "person": number} for number, (account, *_) in enumerate(held)]
    rows = {"active": acts, "members": [*acts, *users(1, 99)], "seats": seats, "accounts": FAMILY}
    config = LicenseUtilizationConfig.model_validate(
        {"provisioned": provisioned, "users": who, "what_if": True}
    )
    request = request_for(MANIFEST, rows, config=config)
    assert conformance_problems(plugin, requests=[request]) == []


@pytest.mark.parametrize("wrong", [{"users": "most"}, {"provisioned": "some"}, {"change_days": -1}])
def test_impossible_variants_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Input should be"):
        LicenseUtilizationConfig(**wrong)
