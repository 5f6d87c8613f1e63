"""Cron expressions follow the tenant's calendar, over daylight-saving changes too."""

from datetime import UTC, datetime

import pytest

from engage_server.engine.cron import next_fire
from engage_server.engine.exceptions import InvalidCronError


@pytest.mark.parametrize(
    "expression", ["", "0 3 * *", "61 3 * * *", "0 3 * * MOONDAY", "0 0 31 2 *", "@daily; DROP"]
)
def test_a_malformed_expression_is_refused_with_an_example(expression):
    with pytest.raises(InvalidCronError, match="'0 3 \\* \\* \\*'"):
        next_fire(expression, datetime(2026, 1, 1, tzinfo=UTC), "UTC")


def test_three_in_the_morning_is_three_in_the_tenants_morning():
    fired = next_fire("0 3 * * *", datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin")
    assert fired.astimezone(UTC) == datetime(2026, 7, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "year"),
    [("Europe/Berlin", 2026), ("America/New_York", 2026), ("Australia/Lord_Howe", 2026), ("UTC", 2028)],
)
def test_a_daily_schedule_in_the_gap_fires_once_each_day_of_the_year(zone, year):
    moment = datetime(year, 1, 1, 0, 0, tzinfo=UTC)
    days = []
    while (moment := next_fire("30 2 * * *", moment, zone)).year == year:
        days.append(moment.date())
    assert len(days) == len(set(days))
    assert len(days) >= (366 if year % 4 == 0 else 365) - 1
    assert max((b - a).days for a, b in zip(days, days[1:], strict=False)) == 1
