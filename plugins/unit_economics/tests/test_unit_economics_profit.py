"""Profitability by account and segment, and who bears common costs."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_unit_economics.cards import cost, terms
from engage_unit_economics.config import UnitEconomicsConfig
from engage_unit_economics.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.testing import request_for

DAY = date(2026, 6, 30)
MONTH = "365.25"
"""A monthly price of which twelve are a day's."""


def profits(rows: dict[str, Any], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(plugin.engage_manifest(), rows, config=UnitEconomicsConfig(**config), day=DAY)
    values = (one for one in plugin.engage_compute(request) if one.metric == "profitability")
    return {one.subject: one for one in values if not one.is_absence}


ROWS: dict[str, Any] = {
    "subscriptions": [terms(MONTH, "2026-01-01"), terms(MONTH, "2026-06-21", account=2)],
    "accounts": [
        {"account": 1, "plan": "pro"},
        {"account": 2, "plan": "basic"},
        {"account": 3, "plan": "pro"},
    ],
    "ledger": [
        cost("60", "sales"),
        cost("40", "cs_wages"),
        cost("7", "cs_wages", account=1),
        cost("20", "hosting", included_in_crc=False),
        cost("5", "support", account=3, included_in_crc=False),
        {"kind": "REVENUE", "account": 1, "amount": "100", "currency": "USD", "day": "2026-06-30"},
    ],
}


def figures(one: Measurement) -> tuple[float, ...]:
    details = one.details
    return tuple(map(float, (details.revenue, details.acquisition, details.retention, details.service)))


def test_common_costs_are_borne_by_those_for_whom_they_were() -> None:
    values = profits(ROWS)
    # 90 days x 12; the new one alone bears the sales, both share wages and hosting.
    assert figures(values[account(1)]) == (1180, 0, 27, 10)
    assert figures(values[account(2)]) == (120, 60, 20, 10)
    assert figures(values[account(3)]) == (0, 0, 0, 5)
    assert figures(values[TENANT]) == (1300, 60, 47, 25)
    assert values[TENANT].value == 1168


def test_the_tenant_is_told_by_segment() -> None:
    segments = {one.segment: one for one in profits(ROWS)[TENANT].details.segments}
    assert {name: float(one.profit) for name, one in segments.items()} == {"pro": 1138, "basic": 30}
    assert segments["pro"].accounts == 2


def test_a_tracked_trait_may_be_the_dimension() -> None:
    history = [
        {"account": 1, "attribute": "traits.size", "value": "small", "until": "2026-06-01"},
        {"account": 1, "attribute": "traits.size", "value": "big", "first": "2026-06-01"},
        {"account": 1, "attribute": "plan", "value": "pro"},
    ]
    tenant = profits({**ROWS, "history": history}, segment_by="traits.size")[TENANT]
    assert [one.segment for one in tenant.details.segments] == ["", "big"]


def test_costs_that_nobody_is_there_to_bear_and_revenue_of_nobody_are_the_tenants() -> None:
    alone = profits({"ledger": [cost("60", "sales")]})
    assert set(alone) == {TENANT}
    assert (alone[TENANT].value, alone[TENANT].details.margin) == (-60, None)
    sale = {"kind": "REVENUE", "amount": "100", "currency": "USD", "day": "2026-06-30"}
    assert profits({"ledger": [sale]})[TENANT].value == 100
    nothing = profits({})[TENANT]
    assert nothing.status is Status.NO_DATA


def test_the_margin_is_the_share_of_the_revenue_that_is_left() -> None:
    assert profits(ROWS)[account(2)].details.margin == pytest.approx(30 / 120)


LEDGER = st.lists(
    st.builds(
        lambda amount, category, back, account, kept: cost(
            str(amount), category, str(DAY - timedelta(days=back)), account=account, included_in_crc=kept
        ),
        st.decimals(0, 999, places=2),
        st.sampled_from(["sales", "cs_wages", "hosting"]),
        st.integers(0, 120),
        st.none() | st.integers(1, 4),
        st.booleans(),
    ),
    max_size=10,
)
TERMS = st.lists(
    st.builds(
        lambda amount, back, account: terms(
            str(amount), str(DAY - timedelta(days=back)), account=account, subscription=f"{account}-{back}"
        ),
        st.decimals(1, 999, places=2),
        st.integers(0, 200),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(LEDGER, TERMS)
def test_accounts_and_segments_add_up_to_the_tenant(ledger: list[Any], subscriptions: list[Any]) -> None:
    accounts = [{"account": 1, "plan": "a"}, {"account": 2, "plan": "b"}]
    values = profits({"ledger": ledger, "subscriptions": subscriptions, "accounts": accounts})
    tenant = values.pop(TENANT)
    assert sum(float(one.value or 0) for one in values.values()) == pytest.approx(
        float(tenant.value or 0), abs=1e-6
    )
    assert sum(float(one.profit) for one in tenant.details.segments) == pytest.approx(
        float(tenant.value or 0), abs=1e-6
    )
