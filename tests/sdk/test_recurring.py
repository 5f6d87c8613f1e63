"""Recurring revenue from terms: exact amounts, kinds of movements, notices, and the calendar."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import Subscriptions
from engage_server.sdk.money import Exchange
from engage_server.sdk.recurring import (
    Grouping,
    Recognition,
    accrued,
    balances,
    changes,
    months_before,
    movements,
    paid_terms,
)
from engage_server.sdk.testing.requests import frame

FIRST, LAST = date(2026, 6, 1), date(2026, 6, 30)
Row = dict[str, Any]


def terms(amount: str, begin: int, until: int | None = None, **columns: Any) -> Row:
    """Terms from and until a day of June; day 0 is the last of May."""
    known = {"account": 1, "subscription": "s", "interval_months": 1, "is_paid": True, "status": "active"}
    days = [None if day is None else FIRST + timedelta(days=day - 1) for day in (begin, until)]
    return (
        known | {"amount": amount, "currency": "USD", "valid_from": days[0], "valid_until": days[1]} | columns
    )


def changed(rows: Sequence[Row], recognition: Recognition = "period_end") -> pl.DataFrame:
    paid = paid_terms(
        frame(Subscriptions(ever=True), rows), Exchange("USD", {}), day=LAST, recognition=recognition
    )
    return changes(paid, day=LAST)


def moved(rows: Sequence[Row], grouping: Grouping = "day", **options: Any) -> list[tuple[Any, ...]]:
    found = movements(changed(rows, **options), first=FIRST, last=LAST, grouping=grouping)
    return [
        (day.day, kind, amount) for day, kind, amount in found.select("day", "kind", "amount").iter_rows()
    ]


def test_a_yearly_price_is_a_twelfth_a_month_to_ten_decimals() -> None:
    (row,) = balances(changed([terms("500", 1, interval_months=12)]), before=date.max).to_dicts()
    assert row == {"account": 1, "amount": Decimal("41.6666666667")}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([terms("9", 5)], [(5, "new", 9)]),
        ([terms("9", -9, 5)], [(5, "churn", -9)]),
        ([terms("9", -9, 5), terms("12", 5)], [(5, "expansion", 3)]),
        ([terms("9", -9, 5), terms("2", 5)], [(5, "contraction", -7)]),
        ([terms("9", -9, -3), terms("4", 5)], [(5, "reactivation", 4)]),
        ([terms("9", 5, 8), terms("9", 20)], [(5, "new", 9), (8, "churn", -9), (20, "reactivation", 9)]),
        ([terms("0", -9), terms("9", 5)], [(5, "new", 9)]),  # a free plan before is no payment
        ([terms("9", -9, 5), terms("9", 5)], []),
        ([terms("9", -9), terms("4", -9, 5, subscription="t")], [(5, "contraction", -4)]),
        ([terms("9", 5, is_paid=False)], []),
    ],
)
def test_what_changes_of_an_account_is_one_movement_of_a_day(
    rows: list[Row], expected: list[tuple[int, str, int]]
) -> None:
    assert moved(rows) == expected


def test_grouped_by_the_period_who_joins_and_leaves_inside_it_does_not_move() -> None:
    inside = [terms("9", 5, 8)]
    up_and_down = [terms("9", -9, 5, account=2), terms("20", 5, 8, account=2), terms("7", 8, account=2)]
    assert moved([*inside, *up_and_down], grouping="period") == [(30, "contraction", -2)]


def test_a_subscription_that_notice_was_given_of_is_lost_at_its_end_or_at_the_notice() -> None:
    rows = [terms("9", -9, 5), terms("9", 5, 20, status="non_renewing")]
    assert moved(rows) == [(20, "churn", -9)]
    assert moved(rows, recognition="cancellation") == [(5, "churn", -9)]


def test_a_notice_that_was_taken_back_or_whose_day_is_unknown_changes_nothing() -> None:
    taken_back = [
        terms("9", -9, 5),
        terms("9", 5, 8, status="non_renewing"),
        terms("9", 8),
        terms("4", -9, 20, status="canceled", account=2, subscription="t"),
    ]
    assert moved(taken_back, recognition="cancellation") == moved(taken_back) == [(20, "churn", -4)]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 1, 31), -1, date(2026, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_end_where_they_have_no_such_day(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


def test_a_year_brings_a_years_price_and_a_day_a_part_of_it() -> None:
    paid = paid_terms(
        frame(Subscriptions(ever=True), [terms("365.25", 1, 11), terms("1200", -9, interval_months=12)]),
        Exchange("USD", {}),
        day=LAST,
    )
    days = [LAST, FIRST + timedelta(days=9), FIRST + timedelta(days=3)]
    sums = [[amount for _, amount in accrued(paid, first=FIRST, last=day).iter_rows()] for day in days]
    assert [found[0] for found in sums] == [120, 120, 48]
    assert sums[0][1] == Decimal("98.5626283368")  # 30 days of 100 a month, at 12 / 365.25 a day
    leap_cycle = accrued(paid, first=date(2030, 1, 1), last=date(2033, 12, 31))
    assert leap_cycle["amount"].to_list() == [4800]


ROWS = st.lists(
    st.builds(
        terms,
        st.decimals(0, 999, places=2).map(str),
        st.integers(-40, 30),
        st.none() | st.integers(-30, 40),
        account=st.integers(1, 3),
        subscription=st.sampled_from(["a", "b", "c"]),
        interval_months=st.sampled_from([1, 3, 7, 12]),
        is_paid=st.booleans(),
        channel=st.sampled_from(["", "web", "partner"]),
    ).filter(lambda row: row["valid_until"] is None or row["valid_from"] < row["valid_until"]),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from(["day", "period"]))
def test_movements_are_the_change_of_each_accounts_balance_to_the_last_digit(
    rows: list[Row], grouping: Grouping
) -> None:
    all_changes = changed(rows)
    found = movements(all_changes, first=FIRST, last=LAST, grouping=grouping)
    before, after = (
        dict(balances(all_changes, before=day).iter_rows()) for day in (FIRST, LAST + timedelta(days=1))
    )
    sums = dict(found.group_by("account").agg(pl.col("amount").sum()).iter_rows())
    for account in (1, 2, 3):
        assert sums.get(account, 0) == after.get(account, 0) - before.get(account, 0)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 31))
def test_a_balance_is_the_sum_of_the_terms_of_that_day(rows: list[Row], number: int) -> None:
    day = FIRST + timedelta(days=number - 1)
    expected: dict[int, Decimal] = {}
    for row in rows:
        until = row["valid_until"]
        if row["is_paid"] and row["valid_from"] <= day and (until is None or day < until):
            monthly = (Decimal(row["amount"]) / row["interval_months"]).quantize(Decimal("1e-10"))
            expected[row["account"]] = expected.get(row["account"], Decimal(0)) + monthly
    paid = paid_terms(frame(Subscriptions(ever=True), rows), Exchange("USD", {}), day=day)
    found = dict(balances(changes(paid, day=day), before=day + timedelta(days=1)).iter_rows())
    assert found.keys() == {account for account, amount in expected.items() if amount}
    for account, amount in found.items():
        assert abs(amount - expected[account]) <= Decimal("1e-9")


@settings(max_examples=30, deadline=None)
@given(st.data(), ROWS)
def test_the_order_of_terms_does_not_matter(data: st.DataObject, rows: list[Row]) -> None:
    shuffled = data.draw(st.permutations(rows))
    for recognition in ("period_end", "cancellation"):
        known, again = (changed(one, recognition) for one in (rows, shuffled))
        assert movements(known, first=FIRST, last=LAST).equals(movements(again, first=FIRST, last=LAST))
