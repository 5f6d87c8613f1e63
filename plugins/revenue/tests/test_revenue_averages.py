"""Revenue per user, account and paying account, the cross-check, and revenue beside subscriptions."""

from datetime import date
from typing import Any

import pytest
from engage_revenue.cards.rows import terms
from engage_revenue.config import RevenueConfig
from engage_revenue.plugin import plugin

from engage_server.sdk import TENANT, Ledger, Measurement, Status, account
from engage_server.sdk.testing import request_for

PAYING = [terms("a", "60", "2026-01-01"), terms("b", "30", "2026-06-09", account=2)]
SALES = [
    {"kind": "REVENUE", "account": 1, "amount": "15", "currency": "USD", "day": date(2026, 6, 3)},
    {"kind": "REVENUE", "account": None, "amount": "-6", "currency": "USD", "day": date(2026, 6, 4)},
]


def measured(metric: str, rows: dict[str, Any], subject: Any = TENANT, **config: Any) -> Measurement:
    request = request_for(plugin.engage_manifest(), rows, config=RevenueConfig.model_validate(config))
    return next(
        one for one in plugin.engage_compute(request) if (one.metric, one.subject) == (metric, subject)
    )


def test_users_are_persons_and_the_denominator_is_told() -> None:
    active = [{"person": one, "account": account} for one in (1, 2, 3) for account in (1, 2)]
    one = measured("arpu", {"subscriptions": PAYING, "active": [*active, {"person": None, "account": 1}]})
    assert (one.value, one.n, one.details.divided_by) == (
        30, 3, "persons active in the 30 days to the end of the day",
    )  # fmt: skip


def test_accounts_that_pay_nothing_are_in_the_average_of_accounts() -> None:
    accounts = [{"account": one, "stage": "CUSTOMER"} for one in (1, 2, 3)] + [
        {"account": 4, "stage": "LEAD"}
    ]
    assert measured("arpa", {"subscriptions": PAYING, "accounts": accounts}).value == 30
    assert measured("arpa", {"subscriptions": PAYING}).status is Status.NO_DATA


def test_one_off_revenue_is_divided_too_where_it_is_asked_for() -> None:
    rows = {"subscriptions": PAYING, "ledger": SALES, "active": [{"person": 1, "account": 1}]}
    assert measured("arpu", rows).value == 90
    assert measured("arpu", rows, arpu_revenue="all").value == 99
    assert measured("arpu", {**rows, "subscriptions": []}, arpu_revenue="all").value == 9


def test_the_average_of_start_and_end_is_a_choice() -> None:
    at_end = measured("arppu", {"subscriptions": PAYING})
    assert (at_end.value, at_end.details.divisor) == (45, 2)
    mean = measured("arppu", {"subscriptions": PAYING}, average_over="average")
    assert (mean.value, mean.details.divisor) == (60, 1.5)
    assert "mean" in mean.details.divided_by


@pytest.mark.parametrize(
    ("amounts", "average", "difference", "agrees"),
    [(("60", "30"), 45, 0, True), (("60", "32"), 46, 2, False), (("60", None), 60, -30, False)],
)
def test_subscribers_times_their_average_is_held_against_the_revenue(
    amounts: tuple[str, str | None], average: int, difference: int, agrees: bool
) -> None:
    seats = [
        {"account": place, "mrr": amount, "currency": "USD", "is_trial": False}
        for place, amount in enumerate(amounts, 1)
    ]
    trial = {"account": 1, "mrr": "500", "currency": "USD", "is_trial": True}
    check = measured("arppu", {"subscriptions": PAYING, "seats": [*seats, trial]}).details.cross_check
    assert (check.average, check.difference, check.agrees) == (average, difference, agrees)
    assert check.product == check.subscribers * check.average


def test_one_off_revenue_is_told_by_account_and_with_what_has_none() -> None:
    tenant = measured("one_off", {"ledger": SALES})
    assert (tenant.value, tenant.n, tenant.details.customers) == (9, 2, 1)
    assert (tenant.details.without_account, tenant.details.refunds) == (-6, -6)
    own = measured("one_off", {"ledger": SALES}, subject=account(1))
    assert (own.value, own.details.without_account) == (15, 0)
    assert measured("one_off", {}).status is Status.NO_DATA


def test_the_ledger_is_read_for_the_period_alone() -> None:
    inputs = plugin.engage_manifest().inputs_for(RevenueConfig(period="quarter"))
    assert inputs["ledger"] == Ledger(kinds=("REVENUE",), period="quarter")
