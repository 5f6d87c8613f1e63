"""Milestones: progress, levels and what is foretold."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_milestones.config import MilestonesConfig
from engage_milestones.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, EventTotals, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
Row = dict[str, Any]


def total(id: int, count: int, *, place: int = 1, first: int = 29, reached: int | None = None) -> Row:
    """Events of an account, the first and that of the level so many days ago."""
    return {
        "account": id,
        "milestone": place,
        "count": count,
        "first_on": DAY - timedelta(days=first),
        "reached_on": None if reached is None else DAY - timedelta(days=reached),
    }


def compute(totals: list[Row], accounts: tuple[int, ...] = (), **config: Any) -> dict[Subject, Measurement]:
    rows = {"totals": totals, "accounts": [{"account": id} for id in accounts]}
    request = request_for(MANIFEST, rows, config=MilestonesConfig(**config), day=DAY)
    return {one.subject: one for one in plugin.engage_compute(request)}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_asks_for_the_event_once_for_each_level() -> None:
    specs = MANIFEST.inputs_for(MilestonesConfig(event="Message Sent", levels=(100, 2000)))
    assert specs["totals"] == EventTotals((("Message Sent", 100), ("Message Sent", 2000)))


def test_progress_is_towards_the_last_level_and_says_what_is_lacking() -> None:
    rows = [total(1, 500, reached=3), total(1, 500, place=2)]
    found = compute(rows, levels=(100, 2000))[account(1)]
    assert (found.value, found.details.remaining, found.details.next_level) == (25, 1500, 2000)
    assert [level.reached_on for level in found.details.levels] == [DAY - timedelta(days=3), None]


def test_past_the_last_level_progress_is_100_and_nothing_is_foretold() -> None:
    found = compute([total(1, 9000, reached=10)])[account(1)]
    assert (found.value, found.details.next_level, found.details.expected_on) == (100, None, None)
    assert found.details.reached_on == DAY - timedelta(days=10)


@pytest.mark.parametrize(("count", "days"), [(1999, 1), (1000, 30), (1, None)])
def test_the_expected_day_is_that_of_the_pace_since_the_first_event(count: int, days: int | None) -> None:
    expected = compute([total(1, count)])[account(1)].details.expected_on
    assert expected == (None if days is None else DAY + timedelta(days=days))


def test_an_account_that_did_nothing_has_0_and_none_at_all_is_no_data() -> None:
    found = compute([], (7,))
    assert (found[account(7)].value, found[account(7)].status) == (0, Status.OK)
    assert (found[TENANT].value, found[TENANT].details.accounts) == (0, 1)
    assert compute([])[TENANT].status is Status.NO_DATA


def test_the_tenant_has_the_share_of_accounts_who_is_near_and_who_passed_today() -> None:
    rows = [total(1, 2000, reached=0), total(2, 2500, reached=9), total(3, 1601), total(4, 1600)]
    found = compute(rows)[TENANT]
    details = found.details
    assert (found.value, details.reached, details.near, details.reached_today) == (50, 2, 1, 1)


@pytest.mark.parametrize(
    "wrong", [{"levels": ()}, {"levels": (0,)}, {"levels": (5, 5)}, {"levels": (9, 3)}, {"event": ""}]
)
def test_an_impossible_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MilestonesConfig(**wrong)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(total, st.integers(1, 9), st.integers(1, 5000), first=st.integers(0, 400)),
        max_size=9,
        unique_by=lambda row: row["account"],
    ),
    st.randoms(),
)
def test_any_totals_in_any_order_keep_the_contract_and_more_never_means_less(
    rows: list[Row], chance: Any
) -> None:
    assert conformance_problems(plugin, requests=[request_for(MANIFEST, {"totals": rows})]) == []
    found = compute(rows)
    assert compute(chance.sample(rows, len(rows))) == found
    more = compute([{**row, "count": row["count"] + 1} for row in rows])
    for subject, one in found.items():
        assert one.value is None or 0 <= one.value <= more[subject].value <= 100  # type: ignore[operator]
