"""Who counts as active, engaged and collaborating in which window."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest
from engage_active_users.card import days
from engage_active_users.config import ActiveUsersConfig
from engage_active_users.plugin import plugin
from pydantic import ValidationError

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
TUESDAY = date(2026, 6, 30)


def computed(
    rows: Mapping[str, Iterable[dict[str, Any]]], metric: str, *, day: date = TUESDAY, **config: Any
) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, rows, config=ActiveUsersConfig(**config), day=day)
    return {m.subject: m for m in plugin.engage_compute(request) if m.metric == metric}


ROWS = {
    "active": days(
        ("2026-06-30", 1, 1), ("2026-06-30", 1, 2), ("2026-06-29", 2, 1), ("2026-06-24", 3, 1),
        ("2026-06-23", 4, 2), ("2026-06-01", 5, 2), ("2026-05-31", 6, 2),
    ),
    "valuable": days(("2026-06-30", 1, 1), ("2026-06-01", 5, 2)),
    "accounts": [{"account": id} for id in (1, 2, 3)],
}  # fmt: skip


def test_daily_weekly_and_monthly_actives_are_distinct_persons_of_trailing_windows() -> None:
    found = {metric: computed(ROWS, metric) for metric in ("dau", "wau", "mau")}
    assert [one[TENANT].value for one in found.values()] == [1, 3, 5]
    assert [one[TENANT].details.accounts for one in found.values()] == [2, 2, 2]
    assert [one[TENANT].window_days for one in found.values()] == [1, 7, 30]
    assert [one[account(2)].value for one in found.values()] == [1, 1, 3]


def test_a_person_in_two_accounts_counts_once_for_the_tenant() -> None:
    found = computed(ROWS, "dau")
    assert [found[subject].value for subject in (TENANT, account(1), account(2))] == [1, 1, 1]


@pytest.mark.parametrize(
    ("day", "week", "month", "statuses"),
    [
        (date(2026, 6, 30), 2, 5, (Status.PARTIAL, Status.OK)),
        (date(2026, 6, 28), 2, 3, (Status.OK, Status.PARTIAL)),
        (date(2026, 6, 1), 1, 1, (Status.PARTIAL, Status.PARTIAL)),
    ],
)
def test_calendar_windows_begin_on_monday_and_the_first_and_are_partial_until_they_end(
    day: date, week: int, month: int, statuses: tuple[Status, Status]
) -> None:
    rows = {**ROWS, "active": [row for row in ROWS["active"] if date.fromisoformat(str(row["day"])) <= day]}
    found = [computed(rows, metric, day=day, windows="calendar")[TENANT] for metric in ("wau", "mau")]
    assert [one.value for one in found] == [week, month]
    assert tuple(one.status for one in found) == statuses
    assert found[0].details.first_day.isoweekday() == 1
    assert found[1].details.first_day.day == 1


def test_accounts_are_counted_for_the_tenant_where_they_are_asked_for() -> None:
    tenant = computed(ROWS, "mau", count="accounts")[TENANT]
    assert (tenant.value, tenant.unit, tenant.details.persons) == (2, "accounts", 5)
    assert computed(ROWS, "mau", count="accounts")[account(2)].value == 3


def test_nobody_active_is_a_count_of_zero() -> None:
    found = computed(ROWS, "mau")[account(3)]
    assert (found.value, found.status, found.details.engaged_share) == (0, Status.OK, None)
    assert computed({}, "dau")[TENANT].value == 0


def test_engaged_needs_value_and_active_does_not() -> None:
    found = computed(ROWS, "engaged")
    assert (found[TENANT].value, found[TENANT].details.active_persons) == (2, 5)
    assert found[TENANT].details.engaged_share == pytest.approx(0.4)
    assert found[TENANT].details.engaged_accounts == 2
    assert (found[account(3)].value, found[account(3)].details.engaged_share) == (0, None)
    assert computed(ROWS, "wau")[TENANT].details.engaged_persons == 1


def test_a_shared_day_needs_two_persons_of_the_account_with_value() -> None:
    valuable = days(
        ("2026-06-30", 1, 1), ("2026-06-30", 1, 1), ("2026-06-29", 1, 1), ("2026-06-29", 2, 1),
        ("2026-06-28", 3, 1), ("2026-06-28", 4, 2), ("2026-05-31", 1, 1), ("2026-05-31", 2, 1),
    )  # fmt: skip
    found = computed({"valuable": valuable, "accounts": ROWS["accounts"]}, "collaboration")
    assert {subject.id: one.value for subject, one in found.items()} == {1: 1, 2: 0, 3: 0}
    assert (found[account(1)].details.collaborators, found[account(1)].details.engaged_persons) == (2, 3)
    assert computed({"valuable": valuable}, "collaboration", collaborators=3)[account(1)].value == 0


@pytest.mark.parametrize(
    "values", [{"baseline_days": 27}, {"windows": "fiscal"}, {"collaborators": 1}, {"gap_z": 0}]
)
def test_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ActiveUsersConfig.model_validate(values)


def test_it_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, [str(finding) for finding in report.findings]
