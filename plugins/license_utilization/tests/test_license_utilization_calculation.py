"""License utilization: vectors, bands, plans, properties."""

from typing import Any

import pytest
from engage_license_utilization.config import LicenseUtilizationConfig
from engage_license_utilization.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import Measurement, Status
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import conformance_problems, request_for

Rows = list[dict[str, Any]]
MANIFEST = plugin.engage_manifest()
TENANT = 0


def users(account: int | None, *persons: int) -> Rows:
    return [{"person": person, "account": account} for person in persons]


def plan(account: int, seats: int | None, *, is_trial: bool = False) -> dict[str, Any]:
    return {"account": account, "subscription": "s", "seats": seats, "is_trial": is_trial}


def compute(**rows: Any) -> dict[int, Measurement]:
    """Measurements by account id; 0 is the tenant."""
    config = LicenseUtilizationConfig(**rows.pop("config", {}))
    return {m.subject.id: m for m in plugin.engage_compute(request_for(MANIFEST, rows, config=config))}


def test_keeps_the_contract() -> None:
    assert conformance_problems(plugin) == []


@pytest.mark.parametrize(
    ("active", "seats", "value", "band", "opportunity"),
    [
        (0, 20, 0, "UNDER", False),
        (9, 12, 75, "HEALTHY", False),
        (599, 1000, 59.9, "UNDER", False),
        (12, 20, 60, "HEALTHY", False),
        (16, 20, 80, "HEALTHY", False),
        (849, 1000, 84.9, "HEALTHY", False),
        (17, 20, 85, "FULL", True),
        (20, 20, 100, "FULL", True),
        (12, 10, 120, "OVER_ALLOCATED", True),
    ],
)
def test_utilization_and_its_band_at_every_edge(
    active: int, seats: int, value: float, band: str, opportunity: bool
) -> None:
    measured = compute(active=users(1, *range(active)), seats=[plan(1, seats)])
    for measurement in measured.values():
        assert (measurement.value, measurement.n, measurement.status) == (value, seats, Status.OK)
        assert (measurement.details.band, measurement.details.opportunity) == (band, opportunity)
        assert measurement.details.spare_seats == seats - active


def test_bands_are_data() -> None:
    bands = {"healthy_low": 40, "healthy_high": 80}
    measured = compute(active=users(1, *range(8)), seats=[plan(1, 10)], config=bands)
    assert measured[1].details.band == "FULL"


@pytest.mark.parametrize(
    ("seats", "mode"), [([], "none"), ([plan(1, 0)], "none"), ([plan(1, None), plan(1, 5)], "unlimited")]
)
def test_without_a_number_of_seats_there_is_no_value_but_the_users_are_reported(
    seats: Rows, mode: str
) -> None:
    for measurement in compute(active=users(1, 10, 11), seats=seats).values():
        assert (measurement.value, measurement.status, measurement.n) == (None, Status.NO_DATA, 0)
        assert (measurement.details.mode, measurement.details.band) == (mode, None)
    assert compute(active=users(1, 10, 11), seats=seats)[1].details.active_users == 2


def test_seats_of_all_active_subscriptions_add_up() -> None:
    assert compute(active=users(1, 10), seats=[plan(1, 3), plan(1, 1)])[1].value == 25


def test_trial_seats_were_not_purchased() -> None:
    measured = compute(active=users(1, *range(8)), seats=[plan(1, 10), plan(1, 40, is_trial=True)])
    assert (measured[1].value, measured[1].details.trial_seats) == (80, 40)
    assert (measured[TENANT].value, measured[TENANT].details.trial_seats) == (80, 40)


def test_trial_seats_count_where_the_configuration_says_so() -> None:
    seats = [plan(1, 2), plan(1, 2, is_trial=True)]
    assert compute(active=users(1, 10), seats=seats, config={"include_trials": True})[1].value == 25


@pytest.mark.parametrize("seats", [5, None])
def test_an_account_on_trial_alone_says_so(seats: int | None) -> None:
    measured = compute(active=users(1, 10), seats=[plan(1, seats, is_trial=True)])
    for measurement in measured.values():
        assert (measurement.value, measurement.status) == (None, Status.NO_DATA)
        assert (measurement.details.mode, measurement.details.active_users) == ("trial", 1)


def test_every_account_is_measured_so_that_none_goes_stale() -> None:
    measured = compute(accounts=[{"account": 4}])
    assert {id: m.status for id, m in measured.items()} == {TENANT: Status.NO_DATA, 4: Status.NO_DATA}


def test_the_tenant_counts_a_person_once_and_leaves_out_accounts_without_seats() -> None:
    active = users(1, 10, 11) + users(2, 10) + users(3, 12) + users(None, 13)
    assert compute(active=active, seats=[plan(1, 2), plan(2, 2)])[TENANT].value == 50


def test_the_tenant_leaves_out_unlimited_seats_together_with_their_users() -> None:
    active = users(1, 10) + users(2, 11, 12, 13)
    tenant = compute(active=active, seats=[plan(1, 4), plan(2, None)])[TENANT]
    assert (tenant.value, tenant.details.active_users, tenant.details.accounts) == (25, 1, 1)


@pytest.mark.parametrize(
    "wrong", [{"healthy_low": 85}, {"healthy_high": 101}, {"window_days": 0}, {"bands": 3}]
)
def test_a_contradictory_configuration_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        LicenseUtilizationConfig(**wrong)


IDS = st.integers(1, 6)
ACTIVE = st.lists(
    st.builds(lambda p, a: {"person": p, "account": a}, st.integers(1, 9), st.none() | IDS), max_size=20
)
SEATS = st.lists(
    st.builds(plan, IDS, st.none() | st.integers(0, 9) | st.integers(1, 9), is_trial=st.booleans()),
    max_size=8,
)


@st.composite
def forests(draw: st.DrawFn) -> Rows:
    """Accounts 1 to 6, each below a smaller one or none."""
    return [
        {"account": id, "parent": draw(st.none() | st.integers(1, id - 1)) if id > 1 else None}
        for id in range(1, 7)
    ]


@settings(deadline=None)
@given(active=ACTIVE, seats=SEATS, accounts=forests())
def test_any_rows_keep_the_contract_and_the_parts_add_up(active: Rows, seats: Rows, accounts: Rows) -> None:
    request = request_for(MANIFEST, {"active": active, "seats": seats, "accounts": accounts})
    assert conformance_problems(plugin, requests=[request]) == []


@settings(deadline=None)
@given(active=ACTIVE, seats=SEATS, accounts=forests(), data=st.data())
def test_the_order_of_rows_does_not_matter(
    active: Rows, seats: Rows, accounts: Rows, data: st.DataObject
) -> None:
    rows = {"active": active, "seats": seats, "accounts": accounts}
    shuffled = {name: data.draw(st.permutations(table)) for name, table in rows.items()}
    assert compute(**shuffled) == compute(**rows)


@settings(deadline=None)
@given(active=ACTIVE, seats=SEATS, accounts=forests())
def test_a_parent_counts_every_person_of_its_subtree_exactly_once(
    active: Rows, seats: Rows, accounts: Rows
) -> None:
    parents = {row["account"]: row["parent"] for row in accounts}

    def lies_below(account: int | None, above: int) -> bool:
        return account is not None and (account == above or lies_below(parents[account], above))

    measured = compute(active=active, seats=seats, accounts=accounts)
    for id in parents:
        expected = {row["person"] for row in active if lies_below(row["account"], id)}
        details = encoded(measured[id].details)
        assert details["active_users"] + details["active_without_seat"] == len(expected)
