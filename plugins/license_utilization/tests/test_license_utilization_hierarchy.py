"""Roll-up over the hierarchy of accounts, and circles in it."""

from typing import Any

import pytest
from engage_license_utilization.config import LicenseUtilizationConfig
from engage_license_utilization.hierarchy import AccountCycleError, lineage
from engage_license_utilization.plugin import plugin

from engage_server.sdk import Measurement
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import request_for

PARENT, LEFT, RIGHT = 1, 2, 3
FAMILY: list[dict[str, Any]] = [
    {"account": PARENT, "parent": None},
    {"account": LEFT, "parent": PARENT},
    {"account": RIGHT, "parent": PARENT},
]
CIRCLE = [{"account": 1, "parent": 2}, {"account": 2, "parent": 3}, {"account": 3, "parent": 1}]


def compute(
    *, roll_up: bool = True, accounts: list[dict[str, Any]] = FAMILY, **rows: Any
) -> dict[int, Measurement]:
    """Measurements by account id; 0 is the tenant. Users and seats as pairs of account and person or seats."""
    config = LicenseUtilizationConfig(roll_up_children=roll_up)
    tables = {
        "active": [{"account": account, "person": person} for account, person in rows.get("active", ())],
        "seats": [
            {"account": account, "seats": seats, "is_trial": False}
            for account, seats in rows.get("seats", ())
        ]
        + rows.get("more_seats", []),
        "accounts": accounts,
    }
    return {
        m.subject.id: m
        for m in plugin.engage_compute(request_for(plugin.engage_manifest(), tables, config=config))
    }


def test_a_person_active_in_two_children_counts_once_for_the_parent() -> None:
    measured = compute(active=[(LEFT, 10), (RIGHT, 10)], seats=[(PARENT, 10), (LEFT, 5), (RIGHT, 5)])
    assert [measured[id].value for id in (PARENT, LEFT, RIGHT)] == [5, 20, 20]
    assert measured[0].value == 5


def test_the_parts_tell_own_users_from_those_below() -> None:
    active = [(PARENT, 10), (LEFT, 10), (LEFT, 11), (RIGHT, 12)]
    measurement = compute(active=active, seats=[(PARENT, 4)])[PARENT]
    assert [(part.key, part.value, part.points) for part in measurement.contributions] == [
        ("own", 1, 25),
        ("below", 2, 50),
    ]
    assert (measurement.details.own_seats, measurement.details.own_active_users) == (4, 1)


def test_the_tenants_parts_tell_users_of_accounts_with_seats_from_those_below_and_add_up() -> None:
    active = [(PARENT, 10), (LEFT, 10), (LEFT, 11), (RIGHT, 12)]
    tenant = compute(active=active, seats=[(PARENT, 4), (RIGHT, 4)])[0]
    assert [(part.key, part.value, part.points) for part in tenant.contributions] == [
        ("own", 2, 25),
        ("below", 1, 12.5),
    ]
    assert tenant.value == 37.5


def test_users_of_a_child_without_seats_use_those_of_its_parent() -> None:
    measured = compute(active=[(LEFT, 10)], seats=[(PARENT, 4)])
    assert (measured[0].value, measured[PARENT].value, measured[LEFT].value) == (25, 25, None)


def test_without_roll_up_an_account_stands_for_itself() -> None:
    measured = compute(roll_up=False, active=[(LEFT, 10), (PARENT, 11)], seats=[(PARENT, 4)])
    assert (measured[PARENT].value, measured[LEFT].value, measured[0].value) == (25, None, 25)
    assert measured[PARENT].details.active_users == 1


def test_an_unlimited_plan_below_takes_itself_and_its_people_out_of_the_parents_value() -> None:
    active = (
        [(PARENT, n) for n in (1, 2, 3)] + [(LEFT, n) for n in (4, 5)] + [(RIGHT, n) for n in (6, 7, 8, 9)]
    )
    measured = compute(active=active, seats=[(PARENT, 10), (LEFT, 5), (RIGHT, None)])
    for measurement in (measured[PARENT], measured[0]):
        assert measurement.value == pytest.approx(100 / 3)
        details = encoded(measurement.details)
        assert (details["active_users"], details["seats"], details["active_without_seat"]) == (5, 15, 4)
    assert (measured[RIGHT].value, measured[RIGHT].details.mode) == (None, "unlimited")
    assert measured[RIGHT].details.active_users == 4


def test_an_unlimited_plan_of_its_own_leaves_an_account_without_a_value() -> None:
    measured = compute(active=[(LEFT, 10)], seats=[(PARENT, None), (LEFT, 4)])
    assert (measured[PARENT].value, measured[PARENT].details.mode) == (None, "unlimited")
    assert (measured[LEFT].value, measured[0].value) == (25, 25)


def test_only_unlimited_plans_below_are_said_to_be_unlimited() -> None:
    measured = compute(active=[(LEFT, 10)], seats=[(LEFT, None)])
    assert [measured[id].details.mode for id in (PARENT, LEFT, RIGHT, 0)] == [
        "unlimited",
        "unlimited",
        "none",
        "unlimited",
    ]


def test_who_is_on_trial_below_uses_none_of_the_parents_seats() -> None:
    trial = [{"account": LEFT, "seats": 5, "is_trial": True}]
    measured = compute(active=[(PARENT, 1), (LEFT, 2)], seats=[(PARENT, 4)], more_seats=trial)
    assert (measured[PARENT].value, measured[PARENT].details.active_without_seat) == (25, 1)
    assert (measured[LEFT].value, measured[LEFT].details.mode) == (None, "trial")


def test_the_nearest_licence_decides_which_seat_a_person_uses() -> None:
    measured = compute(active=[(LEFT, 10), (RIGHT, 11)], seats=[(PARENT, None), (LEFT, 2)])
    assert (measured[0].value, measured[0].details.active_users) == (50, 1)


def test_a_parent_that_is_no_account_yet_ends_the_line() -> None:
    measured = compute(accounts=[{"account": LEFT, "parent": 99}], active=[(LEFT, 10)], seats=[(LEFT, 2)])
    assert set(measured) == {0, LEFT}


def test_a_circle_is_named_together_with_its_remedy() -> None:
    with pytest.raises(AccountCycleError, match=r"1 > 2 > 3 > 1 .* Remedy: "):
        compute(accounts=CIRCLE)


def test_a_circle_does_not_matter_where_nothing_is_rolled_up() -> None:
    assert set(compute(roll_up=False, accounts=CIRCLE)) == {0, 1, 2, 3}


def test_lineage_lists_every_account_above_with_its_distance() -> None:
    assert lineage({3: 2, 2: 1, 1: None}).rows() == [
        (3, 3, 0),
        (3, 2, 1),
        (3, 1, 2),
        (2, 2, 0),
        (2, 1, 1),
        (1, 1, 0),
    ]
