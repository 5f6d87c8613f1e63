"""What holds for any terms."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_revenue.cards.rows import terms
from engage_revenue.config import RevenueConfig
from engage_revenue.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Measurement, Subject
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

FIRST = date(2026, 6, 1)
DAYS = st.integers(-500, 40).map(lambda number: FIRST + timedelta(days=number))
ROWS = st.lists(
    st.builds(
        lambda begin, lasts, amount, **columns: terms(
            "s",
            str(amount),
            begin.isoformat(),
            lasts and (begin + timedelta(days=lasts)).isoformat(),
            **columns,
        ),
        DAYS,
        st.none() | st.integers(1, 400),
        st.decimals(0, 999, places=2),
        account=st.integers(1, 4),
        months=st.sampled_from([1, 3, 7, 12]),
        channel=st.sampled_from(["", "web", "partner"]),
        currency=st.sampled_from(["USD", "EUR"]),
        is_paid=st.booleans(),
    ),
    max_size=15,
)
RATES = [
    {"currency": "EUR", "since": "2025-01-01", "rate": "1.1"},
    {"currency": "EUR", "since": "2026-06-10", "rate": "1.37"},
]
CONFIGS = st.sampled_from(["month", "quarter", "year"]).flatmap(
    lambda period: st.sampled_from(["day", "period"]).map(
        lambda grouping: RevenueConfig.model_validate(
            {"period": period, "grouping": grouping, "currency": "USD", "exchange_rates": RATES}
        )
    )
)
Rows = list[dict[str, Any]]
KINDS = ("new", "expansion", "reactivation", "contraction", "churn")


def compute(rows: Rows, config: RevenueConfig) -> dict[tuple[str, Subject], Measurement]:
    request = request_for(plugin.engage_manifest(), {"subscriptions": rows}, config=config)
    return {(one.metric, one.subject): one for one in plugin.engage_compute(request)}


@settings(max_examples=25, deadline=None)
@given(ROWS, CONFIGS)
def test_movements_and_exchange_are_the_change_of_the_revenue_to_the_last_digit(
    rows: Rows, config: RevenueConfig
) -> None:
    values = [one for (metric, _), one in compute(rows, config).items() if metric == "mrr" and one.details]
    for one in values:
        details = one.details
        moved = sum(getattr(details, kind) for kind in KINDS)
        assert details.opening + details.exchange + moved == details.closing
        assert details.new >= 0
        assert details.churn <= 0
    if values:
        tenant, *accounts = values
        for name in ("opening", "exchange", "closing", *KINDS):
            assert sum(getattr(one.details, name) for one in accounts) == getattr(tenant.details, name)
        for name in ("closing", *KINDS):
            of_channels = sum(getattr(one, name) for one in tenant.details.channels)
            assert of_channels == getattr(tenant.details, name)


@settings(max_examples=25, deadline=None)
@given(ROWS, CONFIGS)
def test_gross_retention_is_at_most_a_hundred_and_never_above_net(rows: Rows, config: RevenueConfig) -> None:
    values = compute(rows, config)
    gross, net = values["grr", TENANT], values["nrr", TENANT]
    assert (gross.value is None) == (net.value is None)
    if gross.value is not None and net.value is not None:
        assert 0 <= gross.value <= 100
        assert gross.value <= net.value
        for one in gross.details.variants:
            if one.gross is not None and one.variant == "cohort":
                assert one.gross <= 1
                assert one.gross <= one.net


@settings(max_examples=15, deadline=None)
@given(st.data(), ROWS, CONFIGS)
def test_the_order_of_terms_changes_nothing(data: st.DataObject, rows: Rows, config: RevenueConfig) -> None:
    assert compute(data.draw(st.permutations(rows)), config) == compute(rows, config)


@settings(max_examples=15, deadline=None)
@given(ROWS, CONFIGS)
def test_every_measurement_keeps_the_contract(rows: Rows, config: RevenueConfig) -> None:
    request = request_for(plugin.engage_manifest(), {"subscriptions": rows}, config=config)
    assert conformance_problems(plugin, requests=[request]) == []


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, report


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_metric_has_a_title_in_both_languages(language: str) -> None:
    assert all(metric.titles[language] for metric in plugin.engage_manifest().metrics)
