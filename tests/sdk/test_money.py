"""Amounts of several currencies are brought into one at dated rates, exactly, or not at all."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from engage_server.sdk.money import AMOUNT, Exchange, MissingRateError, MoneyConfig

RATES = [
    {"currency": "EUR", "since": "2026-01-01", "rate": "1.10"},
    {"currency": "EUR", "since": "2026-06-15", "rate": "1.2345"},
]
CONFIG = MoneyConfig.model_validate({"currency": "USD", "exchange_rates": RATES})


def amounts(*rows: tuple[str, str, date]) -> pl.DataFrame:
    frame = pl.DataFrame(
        rows, schema={"amount": pl.String, "currency": pl.String, "day": pl.Date}, orient="row"
    )
    return frame.with_columns(pl.col("amount").cast(pl.Decimal(38, 4)))


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2025, 12, 31), "1.10"),  # before the first rate that one holds
        (date(2026, 6, 14), "1.10"),
        (date(2026, 6, 15), "1.2345"),
    ],
)
def test_a_rate_holds_from_its_day_until_the_next(day: date, rate: str) -> None:
    exchange = Exchange.of(CONFIG)
    assert exchange.rate("EUR", day) == Decimal(rate)
    assert exchange.rate("USD", day) == 1


def test_amounts_are_exchanged_exactly_by_the_day_of_each_or_all_by_one() -> None:
    frame = amounts(
        ("10", "USD", date(2026, 1, 1)), ("10", "EUR", date(2026, 1, 1)), ("10", "EUR", date(2026, 7, 1))
    )
    exchange = Exchange.of(CONFIG, frame)
    by_day = exchange.convert(frame, on="day")
    assert by_day["amount"].to_list() == [Decimal(10), Decimal(11), Decimal("12.345")]
    assert by_day.columns == frame.columns
    assert by_day.schema["amount"] == AMOUNT
    by_one = exchange.convert(frame, on=date(2026, 6, 30))["amount"].to_list()
    assert by_one == [Decimal(10), Decimal("12.345"), Decimal("12.345")]


def test_one_currency_needs_no_configuration() -> None:
    frame = amounts(("10", "JPY", date(2026, 1, 1)))
    exchange = Exchange.of(MoneyConfig(), frame)
    assert exchange.currency == "JPY"
    assert exchange.convert(frame, on="day")["amount"].to_list() == [Decimal(10)]
    assert Exchange.of(MoneyConfig()).currency == ""


def test_several_currencies_without_configuration_are_refused_by_name() -> None:
    frame = amounts(("10", "JPY", date(2026, 1, 1)), ("10", "EUR", date(2026, 1, 1)))
    with pytest.raises(MissingRateError, match=r"EUR and JPY.*Remedy"):
        Exchange.of(MoneyConfig(), frame)


def test_a_currency_without_a_rate_is_refused_by_name() -> None:
    frame = amounts(("10", "JPY", date(2026, 1, 1)))
    with pytest.raises(MissingRateError, match=r"JPY.*USD.*Remedy"):
        Exchange.of(CONFIG, frame).convert(frame, on="day")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"exchange_rates": RATES}, "set currency"),
        ({"currency": "USD", "exchange_rates": [RATES[0], RATES[0]]}, "two rates"),
        ({"currency": "EUR", "exchange_rates": RATES}, "currency of the reports"),
        ({"currency": "usd"}, "match"),
        ({"currency": "USD", "exchange_rates": [{**RATES[0], "rate": "0"}]}, "greater"),
    ],
)
def test_rates_that_make_no_sense_are_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MoneyConfig.model_validate(values)
