"""What changed of seats and plans between two days."""

from typing import Any

import pytest
from engage_license_utilization.card import plan
from engage_license_utilization.config import LicenseUtilizationConfig
from engage_license_utilization.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import Measurement, Seats, Status
from engage_server.sdk.testing import Level, check, request_for

Rows = list[dict[str, Any]]
TENANT = 0


def changes(now: Rows, before: Rows) -> dict[int, Measurement]:
    """Measurements by account id; 0 is the tenant."""
    config = LicenseUtilizationConfig(change_days=30)
    rows = {"seats": now, "previous": before}
    request = request_for(plugin.engage_manifest(), rows, config=config)
    return {one.subject.id: one for one in plugin.engage_compute(request) if one.metric == "seat_change"}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_it_is_off_until_it_is_asked_for_and_then_reads_the_earlier_day() -> None:
    manifest = plugin.engage_manifest()
    assert {one.metric for one in plugin.engage_compute(request_for(manifest, {}))} == {"utilization"}
    inputs = manifest.inputs_for(LicenseUtilizationConfig(change_days=30))
    assert inputs["previous"] == Seats(ends_before=30)


@pytest.mark.parametrize(
    ("now", "before", "value", "signal"),
    [
        ([plan(1, 5)], [], 5, "NEW"),
        ([], [plan(1, 5)], -5, "ENDED"),
        ([plan(1, 8)], [plan(1, 5)], 3, "EXPANDED"),
        ([plan(1, 5), plan(1, 1)], [plan(1, 5)], 1, "EXPANDED"),
        ([plan(1, 2)], [plan(1, 5)], -3, "REDUCED"),
        ([plan(1, 5, name="pro")], [plan(1, 5, name="team")], 0, "PLAN_CHANGED"),
        ([plan(1, 5, name="pro")], [plan(1, 5, name="pro")], 0, "UNCHANGED"),
        ([plan(1, None)], [plan(1, 5)], None, "EXPANDED"),
        ([plan(1, 5)], [plan(1, None)], None, "REDUCED"),
        ([plan(1, None)], [plan(1, None)], None, "UNCHANGED"),
    ],
)
def test_what_happened_is_named(now: Rows, before: Rows, value: int | None, signal: str) -> None:
    change = changes(now, before)[1]
    assert (change.value, change.details.signal) == (value, signal)
    assert change.status == (Status.NO_DATA if value is None else Status.OK)


def test_plans_that_came_and_went_are_named() -> None:
    now, before = (
        [plan(1, 5, name="pro"), plan(1, 1, name="add-on")],
        [plan(1, 5, name="pro"), plan(1, 1, name="old")],
    )
    details = changes(now, before)[1].details
    assert (details.plans, details.plans_added, details.plans_dropped) == (
        ("add-on", "pro"),
        ("add-on",),
        ("old",),
    )


def test_trials_were_not_bought() -> None:
    assert changes([plan(1, 5), plan(1, 90, is_trial=True)], [plan(1, 5)])[1].details.signal == "UNCHANGED"


def test_without_subscriptions_nothing_changed() -> None:
    change = changes([], [])[TENANT]
    assert (change.value, change.details.signal, change.n) == (0, "UNCHANGED", 0)


SEATS = st.lists(st.builds(plan, st.integers(1, 4), st.integers(0, 9)), max_size=8)


@settings(max_examples=40, deadline=None)
@given(SEATS, SEATS)
def test_the_changes_of_the_accounts_add_up_to_the_tenants(now: Rows, before: Rows) -> None:
    found = changes(now, before)
    assert sum(one.value or 0 for id, one in found.items() if id != TENANT) == found[TENANT].value
