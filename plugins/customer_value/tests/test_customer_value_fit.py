"""Fit by those who are alike, own effort, and the verdict on customers of low value."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from engage_customer_value.cards import TWO_PLANS, bought, entry, plan
from engage_customer_value.config import CustomerValueConfig
from engage_customer_value.plugin import plugin
from scipy.stats import spearmanr

from engage_server.sdk import TENANT, Measurement, Status, Subject, Touches, account
from engage_server.sdk.testing import request_for

DAY = date(2026, 6, 30)


def measured(metric: str, rows: dict[str, Any], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(
        plugin.engage_manifest(), rows, config=CustomerValueConfig.model_validate(config), day=DAY
    )
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == metric}


def customers(worth: Sequence[int], efforts: Sequence[int], plans: Sequence[str]) -> dict[str, Any]:
    return {
        "ledger": [
            *(
                bought(str(amount + effort), id)
                for id, (amount, effort) in enumerate(zip(worth, efforts, strict=True))
            ),
            *(entry(str(effort), "support", account=id) for id, effort in enumerate(efforts) if effort),
        ],
        "history": [plan(id, name) for id, name in enumerate(plans)],
    }


def test_a_customer_is_held_against_the_others_that_are_alike() -> None:
    values = measured("fit", TWO_PLANS)
    assert values[account(1)].value == pytest.approx(300 / (1700 / 9))
    assert values[account(6)].value == pytest.approx(100 / (1900 / 9))
    assert values[TENANT].value == 1.5
    assert [(one.group, one.lift) for one in values[TENANT].details.profiles] == [
        ("pro", 1.5),
        ("basic", 0.5),
    ]


def test_too_few_alike_say_nothing() -> None:
    values = measured("fit", TWO_PLANS, fit_least=5)
    assert (values[account(1)].value, values[account(1)].details.verdict.value) == (None, "HIGH_VALUE")
    assert values[account(6)].details.verdict.value == "UNKNOWN"
    assert values[TENANT].status is Status.NO_DATA


def test_what_was_true_on_the_day_makes_the_groups() -> None:
    moved = [{**row, "until": "2026-06-30"} for row in TWO_PLANS["history"] if row["account"] == 1]
    later = [{**plan(1, "basic"), "first": "2026-06-30"}]
    others = [row for row in TWO_PLANS["history"] if row["account"] != 1]
    values = measured("fit", {**TWO_PLANS, "history": [*moved, *later, *others]}, fit_least=3)
    assert values[account(1)].value == pytest.approx(100 / (1700 / 9))


def test_low_value_is_told_apart_by_fit_and_effort() -> None:
    # Plan good is worth much on the average, plan poor little; the efforts of the low ones differ.
    worth = [900, 900, 900, 900, 10, 11, 100, 100, 100, 100, 100]
    efforts = [50, 50, 50, 50, 0, 70, 50, 50, 50, 50, 50]
    plans = ["good"] * 6 + ["poor"] * 5
    rows = customers(worth, efforts, plans)
    verdicts = {one.id: found.details.verdict.value for one, found in measured("fit", rows).items() if one.id}
    assert (verdicts[4], verdicts[5]) == ("TOO_LITTLE_EFFORT", "UNEXPLAINED")
    assert {verdicts[one] for one in range(1, 4)} == {"HIGH_VALUE"}
    half = customers([*worth, 50], [*efforts, 50], [*plans, "poor"])
    low = measured("fit", half)[account(11)].details
    assert (low.verdict.value, low.historical_value, low.effort) == ("NO_FIT", 50, 50)
    counts = measured("effort", half)[TENANT].details
    assert (counts.too_little_effort, counts.no_fit, counts.unexplained, counts.unknown) == (1, 1, 1, 0)
    assert counts.high_value == 9


def test_value_by_effort_is_spearmans_correlation() -> None:
    worth = [10, 40, 20, 90, 70, 70, 30, 5, 60, 15, 80, 33]
    efforts = [1, 3, 2, 9, 4, 8, 8, 0, 5, 1, 2, 4]
    one = measured("effort", customers(worth, efforts, ["a"] * 12))[TENANT]
    assert one.value == pytest.approx(spearmanr(worth, efforts).statistic)
    assert one.interval is not None
    assert one.interval.low < float(one.value or 0) < one.interval.high
    assert (one.n, one.details.measured_by) == (12, "costs")


@pytest.mark.parametrize(
    "rows", [customers([1, 2], [1, 2], ["a", "a"]), customers(range(1, 13), [5] * 12, ["a"] * 12)]
)
def test_few_customers_or_equal_efforts_show_no_correlation(rows: dict[str, Any]) -> None:
    one = measured("effort", rows)[TENANT]
    assert (one.value, one.status) == (None, Status.NO_DATA)
    assert one.details.high_value >= 1


def test_costs_of_winning_and_old_costs_are_no_effort() -> None:
    rows = {
        "ledger": [
            bought("500", 1),
            entry("9", "sales"),
            entry("8", "support", day="2025-01-01"),
            entry("7", "support"),
        ]
    }
    assert measured("fit", rows)[account(1)].details.effort == 7


def test_effort_may_be_contacts() -> None:
    config = {"effort": "touches", "touch_channels": {"email": ["Email Opened"], "call": ["Call Logged"]}}
    inputs = plugin.engage_manifest().inputs_for(CustomerValueConfig.model_validate(config))
    assert inputs["touches"] == Touches((("call", ("Call Logged",)), ("email", ("Email Opened",))), days=365)
    touches = [
        {"day": DAY, "person": person, "account": 1, "channel": "email", "touches": 2} for person in (1, 2)
    ]
    values = measured("fit", {"ledger": [bought("500", 1)], "touches": touches}, **config)
    assert values[account(1)].details.effort == 4
