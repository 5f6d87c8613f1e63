"""Classes and their edges, other windows, young accounts, and the share of regular ones."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from engage_usage_frequency.config import UsageFrequencyConfig
from engage_usage_frequency.frequency import Frequency, frequency_of
from engage_usage_frequency.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, ActiveDays, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]


def computed(
    active: Rows, accounts: Rows, *, timezone: str = "UTC", **config: Any
) -> dict[Subject, Measurement]:
    rows = {"active": active, "accounts": accounts}
    request = request_for(MANIFEST, rows, config=UsageFrequencyConfig(**config), day=DAY, timezone=timezone)
    return {m.subject: m for m in plugin.engage_compute(request)}


def used(backs: list[int], *, of: int = 1, person: int = 1) -> Rows:
    return [{"day": DAY - timedelta(days=back), "person": person, "account": of} for back in backs]


def customers(*ids: int, **columns: Any) -> Rows:
    return [{"account": id, "stage": "CUSTOMER", **columns} for id in ids]


@pytest.mark.parametrize(
    ("days", "kind"),
    [(14, "DAILY"), (10, "DAILY"), (9, "WEEKLY"), (2, "WEEKLY"), (1, "INFREQUENT"), (0, "NONE")],
)
def test_the_classes_of_fourteen_days_and_their_edges(days: int, kind: str) -> None:
    found = computed(used(list(range(days))), customers(1))[account(1)]
    assert (found.value, found.details.frequency) == (days, kind)
    assert found.details.low == (kind in {"INFREQUENT", "NONE"})


@pytest.mark.parametrize(
    ("window", "days", "kind"),
    [
        (28, 20, "DAILY"), (28, 19, "WEEKLY"), (28, 4, "WEEKLY"), (28, 3, "INFREQUENT"),
        (7, 5, "DAILY"), (7, 4, "WEEKLY"), (7, 1, "WEEKLY"), (90, 64, "WEEKLY"), (90, 65, "DAILY"), (1, 1, "DAILY"),
    ],
)  # fmt: skip
def test_the_classes_scale_with_the_window(window: int, days: int, kind: str) -> None:
    found = computed(used(list(range(days))), customers(1), window_days=window)[account(1)]
    assert (found.details.frequency, found.details.observed_days, found.window_days) == (kind, window, window)
    assert MANIFEST.inputs_for(UsageFrequencyConfig(window_days=window))["active"] == ActiveDays(days=window)


def test_a_young_account_is_compared_over_its_own_age_in_the_tenants_calendar() -> None:
    # In Seoul the account began on the 29th.
    born = customers(1, started_at=datetime(2026, 6, 28, 20, tzinfo=UTC))
    found = computed(used([0]), born, timezone="Asia/Seoul")[account(1)]
    assert (found.details.observed_days, found.details.frequency) == (2, Frequency.WEEKLY)
    assert computed(used([0]), born)[account(1)].details.observed_days == 3


def test_activity_before_the_start_counts_as_the_start() -> None:
    born = customers(1, started_at=datetime(2026, 6, 29, 20, tzinfo=UTC))
    found = computed(used([5, 0]), born)[account(1)]
    assert (found.value, found.details.observed_days) == (2, 6)


def test_a_day_may_ask_for_several_persons() -> None:
    rows = [*used([0, 1]), *used([1], person=2)]
    assert computed(rows, customers(1), min_persons=2)[account(1)].value == 1
    assert computed(rows, customers(1))[account(1)].value == 2


def test_nobody_is_none_and_the_last_active_day_is_told() -> None:
    found = computed(used([3]), customers(1, 2))
    assert (found[account(2)].details.frequency, found[account(2)].details.last_active_on) == (
        Frequency.NONE,
        None,
    )
    assert found[account(1)].details.last_active_on == DAY - timedelta(days=3)


def test_the_share_of_regular_accounts_has_wilsons_interval() -> None:
    rows = [*used(list(range(10))), *used([0, 1], of=2, person=2), *used([0], of=3, person=3)]
    tenant = computed(rows, [*customers(1, 2, 3, 4), {"account": 5, "stage": "LEAD"}])[TENANT]
    assert (tenant.value, tenant.n) == (50, 4)
    assert (
        tenant.details.daily_persons,
        tenant.details.weekly_persons,
        tenant.details.infrequent_persons,
    ) == (1, 1, 1)
    assert tenant.interval is not None
    expected = [100 * bound for bound in proportion_confint(2, 4, method="wilson")]
    assert [tenant.interval.low, tenant.interval.high] == pytest.approx(expected)
    assert sum(part.points or 0 for part in tenant.contributions) == pytest.approx(50)


def test_leads_alone_are_no_data() -> None:
    assert computed([], [{"account": 5, "stage": "LEAD"}])[TENANT].status is Status.NO_DATA


@settings(max_examples=50)
@given(st.integers(1, 366), st.data())
def test_more_days_never_mean_a_lower_class(observed: int, data: st.DataObject) -> None:
    config = UsageFrequencyConfig()
    order = [Frequency.NONE, Frequency.INFREQUENT, Frequency.WEEKLY, Frequency.DAILY]
    fewer = data.draw(st.integers(0, observed))
    more = data.draw(st.integers(fewer, observed))
    assert order.index(frequency_of(fewer, observed, config)) <= order.index(
        frequency_of(more, observed, config)
    )
    assert frequency_of(observed, observed, config) is Frequency.DAILY


@pytest.mark.parametrize("values", [{"window_days": 0}, {"daily_from": 2}, {"weekly_from": 10}])
def test_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        UsageFrequencyConfig.model_validate(values)


def test_it_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, [str(finding) for finding in report.findings]
