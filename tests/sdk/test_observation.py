"""Since when accounts are observed."""

from datetime import UTC, date, datetime

import pytest

from engage_server.sdk import Accounts, ActiveDays
from engage_server.sdk.observation import observed_days
from engage_server.sdk.testing.requests import frame, window_for

DAY = date(2026, 6, 30)


def observed(started_at: datetime | None, *active: str, timezone: str = "UTC", days: int = 14) -> int:
    accounts = frame(Accounts(), [{"account": 1, "started_at": started_at}])
    rows = frame(ActiveDays(), [{"day": day, "person": 1, "account": 1} for day in active])
    found = observed_days(accounts, rows, window=window_for(DAY, timezone), days=days)
    assert found.columns == ["account", "observed"]
    return int(found["observed"].item())


@pytest.mark.parametrize(
    ("started_at", "active", "expected"),
    [
        (None, (), 14),
        (None, ("2026-06-29",), 14),
        (datetime(2026, 1, 1, tzinfo=UTC), (), 14),
        (datetime(2026, 6, 30, 23, tzinfo=UTC), (), 1),
        (datetime(2026, 6, 17, tzinfo=UTC), (), 14),
        (datetime(2026, 6, 18, tzinfo=UTC), (), 13),
        (datetime(2026, 6, 29, tzinfo=UTC), ("2026-06-25", "2026-06-30"), 6),
        (datetime(2026, 6, 20, tzinfo=UTC), ("2026-06-25",), 11),
    ],
)
def test_an_account_begins_with_its_start_or_its_first_activity(
    started_at: datetime | None, active: tuple[str, ...], expected: int
) -> None:
    assert observed(started_at, *active) == expected


def test_the_start_is_a_day_of_the_tenants_calendar() -> None:
    late = datetime(2026, 6, 29, 20, tzinfo=UTC)
    assert (observed(late), observed(late, timezone="Asia/Seoul")) == (2, 1)


def test_who_is_not_listed_is_observed_by_its_activity() -> None:
    rows = frame(ActiveDays(), [{"day": "2026-06-30", "person": 1, "account": 9}])
    found = observed_days(frame(Accounts()), rows, window=window_for(DAY), days=14)
    assert found.rows() == [(9, 14)]
