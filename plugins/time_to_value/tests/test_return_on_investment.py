"""Return on investment: worth of what was done against the price of the day."""

from decimal import Decimal
from typing import Any

import pytest
from engage_time_to_value.config import TimeToValueConfig
from engage_time_to_value.plugin import plugin
from pydantic import ValidationError

from engage_server.sdk import TENANT, EventCounts, Measurement, Seats, Status, Subject, account
from engage_server.sdk.money import MissingRateError
from engage_server.sdk.testing import conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
Row = dict[str, Any]
WORTH: dict[str, Any] = {"worth_event": "Report Built", "worth": "12.50", "currency": "EUR"}


def did(count: int, *, of: int | None = 1) -> Row:
    return {"account": of, "person": 1, "event": "Report Built", "count": count}


def pays(mrr: str, *, of: int = 1, currency: str = "EUR", is_trial: bool = False) -> Row:
    return {"account": of, "mrr": mrr, "currency": currency, "is_trial": is_trial}


def compute(uses: list[Row], seats: list[Row], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(
        MANIFEST, {"uses": uses, "seats": seats}, config=TimeToValueConfig(**WORTH, **config)
    )
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == "roi"}


def test_is_off_until_an_event_has_a_worth() -> None:
    assert "uses" not in MANIFEST.inputs_for(TimeToValueConfig())
    specs = MANIFEST.inputs_for(TimeToValueConfig(**WORTH))
    assert (specs["uses"], specs["seats"]) == (EventCounts(days=30, names=("Report Built",)), Seats())


def test_the_return_is_what_was_gained_over_the_price_in_exact_money() -> None:
    found = compute([did(3), did(5)], [pays("40.0000"), pays("10.0000")])[account(1)]
    assert (found.value, found.n) == (100, 8)
    assert (found.details.gained, found.details.price, found.details.currency) == (
        Decimal(100),
        Decimal(50),
        "EUR",
    )


def test_less_gained_than_paid_is_a_loss_and_nothing_gained_all_of_the_price() -> None:
    assert compute([did(2)], [pays("50")])[account(1)].value == -50
    assert compute([], [pays("50")])[account(1)].value == -100


def test_without_a_price_there_is_no_data_and_a_trial_is_none() -> None:
    for seats in ([], [pays("50", is_trial=True)], [pays("0")]):
        found = compute([did(4)], seats)[account(1)]
        assert (found.value, found.status) == (None, Status.NO_DATA)


def test_the_tenant_has_all_accounts_together() -> None:
    found = compute([did(8, of=1), did(0, of=2)], [pays("50", of=1), pays("50", of=2)])
    assert {subject: one.value for subject, one in found.items()} == {
        TENANT: 0,
        account(1): 100,
        account(2): -100,
    }


def test_other_currencies_need_a_rate_and_are_brought_into_the_one_of_the_worth() -> None:
    rates = [{"currency": "USD", "since": "2026-01-01", "rate": "0.5"}]
    assert compute([did(4)], [pays("100", currency="USD")], exchange_rates=rates)[account(1)].value == 0
    with pytest.raises(MissingRateError, match="exchange_rates"):
        compute([did(4)], [pays("100", currency="USD")])


def test_a_worth_needs_a_currency_and_to_be_above_nothing() -> None:
    with pytest.raises(ValidationError, match="currency"):
        TimeToValueConfig(worth_event="Report Built", worth=Decimal(3))
    with pytest.raises(ValidationError, match="worth"):
        TimeToValueConfig(worth_event="Report Built", currency="EUR")


def test_keeps_the_contract() -> None:
    rows = {"uses": [did(4), did(1, of=None)], "seats": [pays("3"), pays("7", of=2, is_trial=True)]}
    request = request_for(MANIFEST, rows, config=TimeToValueConfig(**WORTH))
    assert conformance_problems(plugin, requests=[request]) == []
