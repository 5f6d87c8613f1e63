"""Recurring revenue, its bridge, its channels, the year before and the quick ratio."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from engage_revenue.cards.rows import MOVES, terms
from engage_revenue.config import RevenueConfig
from engage_revenue.plugin import plugin

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.money import MissingRateError
from engage_server.sdk.testing import request_for

Rows = list[dict[str, Any]]


def measured(
    metric: str, subscriptions: Rows, *, day: date = date(2026, 6, 30), **config: Any
) -> dict[Subject, Measurement]:
    request = request_for(
        plugin.engage_manifest(),
        {"subscriptions": subscriptions},
        config=RevenueConfig.model_validate(config),
        day=day,
    )
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == metric}


def bridge(details: Any) -> dict[str, Decimal]:
    names = ("opening", "exchange", "new", "expansion", "reactivation", "contraction", "churn", "closing")
    return {name: amount for name in names if (amount := getattr(details, name))}


def test_the_bridge_leads_from_the_opening_to_the_closing() -> None:
    tenant = measured("mrr", [*MOVES])[TENANT]
    assert bridge(tenant.details) == {
        "opening": 100,
        "new": 30,
        "expansion": 10,
        "contraction": -10,
        "churn": -10,
        "closing": 120,
    }
    assert sum(float(part.points or 0) for part in tenant.contributions) == tenant.value == 120
    assert (tenant.details.currency, tenant.details.subscribers, tenant.details.subscriptions) == (
        "USD",
        3,
        4,
    )


def test_an_account_has_its_own_bridge_and_the_ledger_of_its_movements() -> None:
    rows = [
        terms("a", "10", "2026-01-01", "2026-02-01"),
        terms("b", "4", "2026-06-03"),
        terms("c", "5", "2026-06-09"),
    ]
    one = measured("mrr", rows)[account(1)]
    assert [(entry.day.day, entry.kind.value, entry.amount) for entry in one.details.movements] == [
        (3, "REACTIVATION", 4),
        (9, "EXPANSION", 5),
    ]
    assert bridge(one.details) == {"reactivation": 4, "expansion": 5, "closing": 9}


def test_who_left_is_worth_0_and_who_never_paid_has_no_value() -> None:
    trial = terms("t", "10", "2026-01-01", account=2, is_paid=False, is_trial=True)
    values = measured("mrr", [terms("a", "10", "2026-01-01", "2026-06-09"), trial])
    assert (values[account(1)].value, values[account(1)].status) == (0, Status.OK)
    assert account(2) not in values
    assert measured("mrr", [trial])[TENANT].status is Status.NO_DATA


def test_each_channel_has_its_part_of_every_movement() -> None:
    rows = [
        terms("a", "60", "2026-01-01", channel="web"),
        terms("b", "40", "2026-01-01", "2026-06-10", channel="partner"),
        terms("b", "40", "2026-06-10", channel="web"),
        terms("c", "30", "2026-06-25", account=2, channel="partner"),
        terms("d", "8", "2026-06-25", account=2, channel="web"),
    ]
    details = measured("mrr", rows)[TENANT].details
    found = {
        one.channel: (one.opening, one.new, one.expansion, one.transfer, one.closing)
        for one in details.channels
    }
    assert found == {"web": (60, 8, 0, 40, 108), "partner": (40, 30, 0, -40, 30)}
    assert sum(one.closing for one in details.channels) == details.closing
    assert details.new == 38


def test_a_moved_rate_is_no_movement_and_stands_by_itself() -> None:
    rates = [
        {"currency": "EUR", "since": "2026-01-01", "rate": "1.1"},
        {"currency": "EUR", "since": "2026-06-10", "rate": "1.3"},
    ]
    rows = [terms("a", "100", "2026-01-01", currency="EUR"), terms("b", "7", "2026-06-03", account=2)]
    values = measured("mrr", rows, currency="USD", exchange_rates=rates)
    assert bridge(values[TENANT].details) == {"opening": 110, "exchange": 20, "new": 7, "closing": 137}
    assert bridge(values[account(1)].details) == {"opening": 110, "exchange": 20, "closing": 130}
    assert values[account(1)].details.movements == ()
    assert measured("nrr", rows, currency="USD", exchange_rates=rates)[TENANT].value == 100


def test_several_currencies_without_rates_fail_and_say_what_to_do() -> None:
    rows = [terms("a", "100", "2026-01-01", currency="EUR"), terms("b", "7", "2026-06-03")]
    with pytest.raises(MissingRateError, match=r"EUR and USD.*Remedy: set currency"):
        measured("mrr", rows)


def test_grouped_by_the_period_who_joins_and_leaves_inside_it_is_no_movement() -> None:
    rows = [terms("a", "10", "2026-01-01"), terms("b", "5", "2026-06-03", "2026-06-09", account=2)]
    by_day = measured("mrr", rows)[TENANT].details
    assert (by_day.new, by_day.churn) == (5, -5)
    grouped = measured("mrr", rows, grouping="period")[TENANT].details
    assert (grouped.new, grouped.churn, grouped.closing) == (0, 0, 10)


def test_a_quarter_sees_its_own_movements() -> None:
    rows = [terms("a", "10", "2026-01-01"), terms("b", "5", "2026-04-03", account=2)]
    assert measured("mrr", rows)[TENANT].details.opening == 15
    quarter = measured("mrr", rows, period="quarter")[TENANT]
    assert (quarter.details.opening, quarter.details.new, quarter.window_days) == (10, 5, 91)


def test_the_yearly_revenue_stands_beside_that_of_a_year_before() -> None:
    rows = [terms("a", "100", "2025-01-01"), terms("b", "20", "2026-01-01")]
    details = measured("arr", rows)[TENANT].details
    assert (details.arr, details.year_before, details.growth) == (1440, 1200, 0.2)
    young = measured("arr", [terms("a", "100", "2026-01-01")])[TENANT].details
    assert (young.arr, young.year_before, young.growth) == (1200, None, None)
    paused = measured("arr", [terms("a", "9", "2024-01-01", "2024-09-01"), terms("b", "1", "2026-01-01")])
    assert (paused[TENANT].details.year_before, paused[TENANT].details.growth) == (0, None)


def test_nothing_lost_is_no_ratio_but_a_note() -> None:
    quick = measured("quick_ratio", [terms("a", "100", "2026-06-01")])[TENANT]
    assert (quick.value, quick.status, quick.details.gained, quick.details.lost) == (
        None,
        Status.NO_DATA,
        100,
        0,
    )
    assert "nothing to divide by" in quick.details.note


def test_reactivation_is_beside_the_published_quick_ratio() -> None:
    back = [terms("a", "6", "2026-01-01", "2026-02-01", account=9), terms("a", "6", "2026-06-11", account=9)]
    quick = measured("quick_ratio", [*MOVES, *back])[TENANT]
    assert (quick.value, quick.details.with_reactivation) == (2, 2.3)
