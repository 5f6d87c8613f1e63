"""What customers cost to win and to keep, one against the other, and when they have paid for themselves."""

from datetime import date
from typing import Any

import pytest
from engage_unit_economics.cards import CUSTOMERS, LEDGER, cost, terms
from engage_unit_economics.config import UnitEconomicsConfig
from engage_unit_economics.plugin import plugin
from pydantic import ValidationError

from engage_server.sdk import TENANT, Ledger, Measurement, Status
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import Level, check, request_for


def measured(rows: dict[str, Any], **config: Any) -> dict[str, Measurement]:
    request = request_for(
        plugin.engage_manifest(),
        rows,
        config=UnitEconomicsConfig.model_validate(config),
        day=date(2026, 6, 30),
    )
    return {one.metric: one for one in plugin.engage_compute(request) if one.subject == TENANT}


def test_acquisition_is_told_blended_and_paid() -> None:
    details = measured(LEDGER)["cac"].details
    assert (details.spend, details.new_customers, details.paid_spend, details.paid_customers) == (
        2000,
        4,
        500,
        1,
    )
    assert [(one.category, one.amount) for one in details.categories] == [
        ("sales", 1500),
        ("Advertising", 500),
    ]


def test_what_paid_channels_cost_is_unknown_without_a_cost_of_a_paid_category() -> None:
    details = measured({"subscriptions": CUSTOMERS, "ledger": [cost("1500", "sales")]})["cac"].details
    assert (details.paid, details.paid_customers) == (None, 1)
    free = [cost("1500", "sales"), cost("0", "advertising")]
    assert measured({"subscriptions": CUSTOMERS, "ledger": free})["cac"].details.paid == 0


def test_the_spend_may_lie_before_its_customers() -> None:
    rows = {"subscriptions": CUSTOMERS, "ledger": [cost("800", "sales", "2026-02-15"), *LEDGER["ledger"]]}
    assert measured(rows)["cac"].value == 500
    lagged = measured(rows, lag_days=60)["cac"]
    assert (lagged.value, lagged.details.spent_to) == (200, date(2026, 5, 1))
    inputs = plugin.engage_manifest().inputs_for(UnitEconomicsConfig(lag_days=60))
    assert inputs["ledger"] == Ledger(kinds=("COST", "REVENUE"), days=150)


def test_who_comes_back_is_no_new_customer() -> None:
    back = [terms("50", "2025-01-01", account=9, subscription="old", valid_until="2025-06-01")]
    assert measured({**LEDGER, "subscriptions": [*CUSTOMERS, *back]})["cac"].n == 3


@pytest.mark.parametrize("rows", [{"ledger": LEDGER["ledger"]}, {"subscriptions": CUSTOMERS}, {}])
def test_what_is_not_known_is_no_data_and_not_0(rows: dict[str, Any]) -> None:
    values = measured(rows)
    for metric in ("cac", "crc", "cac_to_crc", "payback"):
        assert (values[metric].value, values[metric].status) == (None, Status.NO_DATA)
    assert values["payback"].details.never is False


def test_retention_leaves_out_what_is_marked_so_and_tells_the_categories() -> None:
    one = measured(LEDGER)["crc"]
    assert (one.value, one.details.spend, one.details.left_out) == (40, 400, 250)
    assert [one.category for one in one.details.categories] == ["cs_wages", "onboarding"]


def test_the_claim_that_winning_costs_five_times_keeping_is_held_against_the_ratio() -> None:
    one = measured(LEDGER)["cac_to_crc"]
    assert (one.value, one.details.cac, one.details.crc) == (12.5, 500, 40)
    assert one.details.to_yearly_crc == pytest.approx(12.5 * 90 / 365.25)
    (metric,) = (found for found in plugin.engage_manifest().metrics if found.id == "cac_to_crc")
    (claim,) = metric.card.benchmarks
    assert (claim.low, claim.verified) == (5, False)
    # Both costs are of one customer; the claim compares with a year of keeping, not with the 90 days of the window.
    assert claim.compared(float(one.value or 0), encoded(one.details)) == one.details.to_yearly_crc


@pytest.mark.parametrize(
    ("margin", "months", "never"), [(1, 500 / 70, False), (0.8, 500 / 56, False), (0, None, True)]
)
def test_the_cost_comes_back_by_the_margin_or_never(margin: float, months: float | None, never: bool) -> None:
    one = measured(LEDGER, gross_margin=margin)["payback"]
    assert one.value == (None if months is None else pytest.approx(months))
    assert one.details.never is never


def test_everything_is_in_one_currency() -> None:
    rates = [{"currency": "EUR", "since": "2026-01-01", "rate": "2"}]
    rows = {"subscriptions": CUSTOMERS, "ledger": [cost("1000", "sales", currency="EUR")]}
    assert measured(rows, currency="USD", exchange_rates=rates)["cac"].value == 500


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"won_stages": ["Done"], "lost_stages": ["done"]}, "won and lost"),
        ({"paid_categories": ["ads"]}, "add them there"),
        ({"segment_by": "colour"}, "match"),
    ],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        UnitEconomicsConfig.model_validate(values)


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, report
