"""Historical value: revenue a year, duration and costs; its distribution and who is of high value."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from engage_customer_value.cards import bought, entry, terms
from engage_customer_value.config import CustomerValueConfig
from engage_customer_value.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, request_for

DAY = date(2026, 6, 30)


def historical(rows: dict[str, Any], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(
        plugin.engage_manifest(), rows, config=CustomerValueConfig.model_validate(config), day=DAY
    )
    values = (one for one in plugin.engage_compute(request) if one.metric == "historical")
    return {one.subject: one for one in values if not one.is_absence}


def test_value_is_revenue_a_year_times_years_less_costs() -> None:
    rows = {
        "subscriptions": [terms("1461", "2024-01-01", "2026-01-01")],
        "ledger": [entry("1000", "Sales"), entry("500", "support")],
    }
    one = historical(rows)[account(1)]
    details = one.details
    assert one.value == pytest.approx(
        details.revenue_per_year * details.years - float(details.acquisition_cost + details.service_cost)
    )
    assert (one.value, details.acquisition_cost, details.service_cost) == (33588, 1000, 500)


def test_one_off_revenue_alone_makes_a_customer_of_at_least_a_day() -> None:
    one = historical({"ledger": [bought("50", 1)]})[account(1)]
    assert (one.value, one.details.years) == (50, pytest.approx(1 / 365.25))
    assert one.details.revenue_per_year == pytest.approx(50 * 365.25)


def test_who_never_paid_has_no_value_and_its_costs_are_left_out() -> None:
    trial = terms("10", "2026-01-01", account=2, is_paid=False)
    rows = {
        "subscriptions": [trial],
        "ledger": [bought("50", 1), entry("7", "sales", account=2), entry("3", "sales", account=None)],
    }
    values = historical(rows)
    assert account(2) not in values
    assert (values[TENANT].value, values[TENANT].details.left_out) == (50, -10)
    shared = historical(rows, common_costs="equally")
    assert (shared[TENANT].value, shared[TENANT].details.left_out) == (47, -7)
    assert historical({"subscriptions": [trial]})[TENANT].status is Status.NO_DATA


def test_a_subscription_of_the_future_and_a_gap_are_no_revenue() -> None:
    rows = {"subscriptions": [terms("365.25", "2026-06-01", "2026-06-11"), terms("365.25", "2026-06-21")]}
    one = historical(rows)[account(1)]
    assert (one.value, one.details.years) == (240, pytest.approx(30 / 365.25))


def test_the_histogram_has_every_customer_once() -> None:
    rows = {"ledger": [bought(str(100 * one), one) for one in range(1, 12)]}
    tenant = historical(rows)[TENANT].details
    assert [one.customers for one in tenant.histogram] == [1] * 9 + [2]
    assert (tenant.histogram[0].low, tenant.histogram[-1].high) == (100, 1100)
    assert sum(one.amount for one in tenant.histogram) == 6600
    same = historical({"ledger": [bought("5", 1), bought("5", 2)]})[TENANT].details
    assert [(one.low, one.high, one.customers) for one in same.histogram] == [(5, 5, 2)]


def test_of_high_value_is_the_share_that_the_tenant_says() -> None:
    rows = {"ledger": [bought(str(100 * one), one) for one in range(1, 11)]}
    values = historical(rows)
    assert values[TENANT].details.high_value_from == 900
    assert values[TENANT].details.high_value_share_of_total == pytest.approx(1900 / 5500)
    assert [values[account(one)].details.is_high_value for one in (8, 9, 10)] == [False, True, True]
    half = historical(rows, high_value_share=0.5)[TENANT].details
    assert half.high_value_from == 600


def test_the_percentile_among_customers_is_the_normalised_value() -> None:
    rows = {"ledger": [bought(str(100 * one), one) for one in range(1, 11)]}
    values = historical(rows)
    assert [values[account(one)].normalised for one in (1, 10)] == [5, 95]
    assert historical({"ledger": [bought("5", 1)]})[account(1)].normalised is None


AMOUNTS = st.decimals(0, 999, places=2).map(str)
LEDGER = st.lists(
    st.builds(
        lambda amount, kind, account, back: entry(
            amount, "sales", kind=kind, account=account, day=str(DAY - timedelta(days=back))
        ),
        AMOUNTS,
        st.sampled_from(["COST", "REVENUE"]),
        st.none() | st.integers(1, 4),
        st.integers(0, 900),
    ),
    max_size=12,
)
TERMS = st.lists(
    st.builds(
        lambda amount, back, lasts, account: terms(
            amount,
            str(DAY - timedelta(days=back)),
            lasts and str(DAY - timedelta(days=back - lasts)),
            account=account,
            subscription=f"{account}-{back}",
        ),
        AMOUNTS,
        st.integers(-5, 900),
        st.none() | st.integers(1, 900),
        st.integers(1, 4),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(LEDGER, TERMS, st.sampled_from(["left_out", "equally"]))
def test_nothing_is_lost_between_the_ledger_and_the_customers(
    ledger: list[Any], subscriptions: list[Any], common: str
) -> None:
    values = historical({"ledger": ledger, "subscriptions": subscriptions}, common_costs=common)
    tenant = values.pop(TENANT)
    if tenant.value is not None:
        total = sum(float(one.value or 0) for one in values.values())
        assert total == pytest.approx(float(tenant.value) * len(values), abs=1e-6)
        assert sum(one.customers for one in tenant.details.histogram) == len(values) == tenant.n
        revenue = sum((one.details.revenue for one in values.values()), Decimal(0))
        costs = sum((Decimal(row["amount"]) for row in ledger if row["kind"] == "COST"), Decimal(0))
        unassigned = sum(
            (Decimal(row["amount"]) for row in ledger if row["kind"] == "REVENUE" and row["account"] is None),
            Decimal(0),
        )
        whole = float(revenue + unassigned - costs)
        assert total + float(tenant.details.left_out) == pytest.approx(whole, abs=1e-6)


def test_touches_without_events_are_refused() -> None:
    with pytest.raises(ValidationError, match="touch_channels"):
        CustomerValueConfig(effort="touches")


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, report
