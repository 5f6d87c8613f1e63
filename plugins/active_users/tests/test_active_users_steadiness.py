"""Variation of daily actives, and the gap against what is usual."""

from datetime import UTC, date, datetime, timedelta
from statistics import fmean, stdev
from typing import Any

import pytest
from engage_active_users.config import ActiveUsersConfig
from engage_active_users.plugin import plugin
from engage_active_users.steadiness import modified_z

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.testing import request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]


def computed(
    metric: str, active: Rows, accounts: Rows | None = None, **config: Any
) -> dict[Subject, Measurement]:
    rows = {"active": active, "accounts": accounts or []}
    request = request_for(MANIFEST, rows, config=ActiveUsersConfig(**config), day=DAY)
    return {m.subject: m for m in plugin.engage_compute(request) if m.metric == metric}


def history(counts: list[int], of: int = 1) -> Rows:
    """So many persons on each of the days that end with the computed one."""
    first = DAY - timedelta(days=len(counts) - 1)
    return [
        {"day": first + timedelta(days=number), "person": person, "account": of}
        for number, count in enumerate(counts)
        for person in range(count)
    ]


def test_volatility_is_the_coefficient_of_variation_of_weekdays() -> None:
    counts = [3, 1, 4, 1, 5, 0, 0, 9, 2, 6, 5, 3, 5, 8]
    weekdays = [c for n, c in enumerate(counts) if (DAY - timedelta(days=13 - n)).isoweekday() < 6]
    found = computed("volatility", history(counts), volatility_days=14)
    assert found[TENANT].value == pytest.approx(100 * stdev(weekdays) / fmean(weekdays))
    assert found[TENANT].value == found[account(1)].value
    whole = computed("volatility", history(counts), volatility_days=14, weekends=True)[TENANT]
    assert whole.value == pytest.approx(100 * stdev(counts) / fmean(counts))
    assert (whole.details.lowest, whole.details.highest, whole.details.observed_days) == (0, 9, 14)


def test_a_young_account_is_compared_over_its_own_days() -> None:
    born = datetime(2026, 6, 18, 9, tzinfo=UTC)
    accounts = [{"account": 1, "started_at": born}]
    found = computed("volatility", history([2] * 13), accounts)[account(1)]
    assert (found.value, found.details.observed_days) == (0, 9)
    # Activity from before the start that somebody entered counts as its start.
    earlier = computed("volatility", history([2] * 15), accounts)[account(1)]
    assert (earlier.value, earlier.details.observed_days) == (0, 11)


def test_six_days_or_nobody_say_nothing_of_variation() -> None:
    born = datetime(2026, 6, 24, 9, tzinfo=UTC)
    found = computed("volatility", history([1] * 7), [{"account": 1, "started_at": born}])[account(1)]
    assert (found.value, found.status, found.details.observed_days) == (None, Status.NO_DATA, 5)
    assert computed("volatility", [])[TENANT].status is Status.NO_DATA


USUAL = [4] * 58
"""Everybody comes every day for the baseline and the month before it."""


def test_a_gap_wider_than_usual_is_a_warning() -> None:
    found = computed("dau_mau_gap", history([*USUAL, 1]))
    for one in found.values():
        assert one.value == 75
        assert (one.details.usual_gap, one.details.wider_by, one.details.is_warning) == (0, 75, True)


def test_the_usual_gap_and_a_narrower_one_are_no_warning() -> None:
    same = computed("dau_mau_gap", history([*USUAL, 4]))[TENANT].details
    assert (same.wider_by, same.is_warning) == (0, False)
    narrower = computed("dau_mau_gap", history([*[*[4] * 30, *[2] * 28], 4]))[TENANT].details
    assert narrower.wider_by < 0
    assert narrower.is_warning is False


def test_a_weekend_is_compared_with_weekends() -> None:
    sunday = DAY - timedelta(days=2)
    counts = [1 if (sunday - timedelta(days=58 - n)).isoweekday() > 5 else 4 for n in range(59)]
    first = sunday - timedelta(days=58)
    active = [
        {"day": first + timedelta(days=n), "person": person, "account": 1}
        for n, count in enumerate(counts)
        for person in range(count)
    ]
    request = request_for(MANIFEST, {"active": active}, day=sunday)
    (tenant,) = [
        m for m in plugin.engage_compute(request) if (m.metric, m.subject) == ("dau_mau_gap", TENANT)
    ]
    assert (tenant.value, tenant.details.usual_gap, tenant.details.is_warning) == (75, 75, False)
    assert tenant.details.baseline_days == 8


def test_without_four_weeks_of_history_there_is_no_baseline() -> None:
    told = computed("dau_mau_gap", history([4] * 28))[TENANT]
    assert (told.value, told.details.usual_gap, told.details.is_warning) == (0, None, None)
    assert computed("dau_mau_gap", history([4] * 29))[TENANT].details.is_warning is False


def test_nobody_in_the_month_is_no_data() -> None:
    assert computed("dau_mau_gap", [])[TENANT].status is Status.NO_DATA


def test_the_z_score_is_iglewicz_and_hoaglins() -> None:
    base = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]
    # Median 2.45, median distance 0.15.
    assert modified_z(8.2, base) == pytest.approx(0.6745 * 5.75 / 0.15)
    assert modified_z(5, [1, 1, 1, 1, 3]) == pytest.approx(4 / (1.253314 * 0.4))
    assert modified_z(5, [1, 1, 1]) is None
