"""Lost revenue: gross and net, its reasons, and what holds for any terms."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_churn.card import LOSSES, terms
from engage_churn.config import ChurnConfig
from engage_churn.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Measurement, Status
from engage_server.sdk.testing import Level, check, request_for

Rows = list[dict[str, Any]]
FIRST = date(2026, 6, 1)


def churn(subscriptions: Rows, **config: Any) -> dict[str, Measurement]:
    rows = {"subscriptions": subscriptions}
    request = request_for(plugin.engage_manifest(), rows, config=ChurnConfig.model_validate(config))
    return {one.metric: one for one in plugin.engage_compute(request) if one.subject == TENANT}


def test_ten_lost_ten_less_and_ten_more_of_a_hundred_are_20_gross_and_10_net() -> None:
    values = churn(LOSSES)
    assert (values["gross_revenue"].value, values["net_revenue"].value) == (20, 10)
    details = values["net_revenue"].details
    assert (details.churned, details.contracted, details.expanded, details.start) == (10, 10, 10, 100)
    assert details.yearly == pytest.approx(1 - 0.9**12)


@pytest.mark.parametrize("metric", ["gross_revenue", "net_revenue"])
def test_the_parts_add_up_to_the_value(metric: str) -> None:
    one = churn(LOSSES)[metric]
    assert sum(float(part.points or 0) for part in one.contributions) == one.value


def test_losses_are_told_by_the_reason_of_what_ended_on_the_day() -> None:
    reasons = churn(LOSSES)["gross_revenue"].details.reasons
    assert [(one.reason, one.amount) for one in reasons] == [("", 10), ("price", 10)]
    grouped = churn(LOSSES, grouping="period")["gross_revenue"].details.reasons
    assert [(one.reason, one.amount) for one in grouped] == [("", 10), ("price", 10)]


def test_more_gained_than_lost_is_negative() -> None:
    rows = [terms("50", "2026-01-01"), terms("20", "2026-06-09", subscription="more")]
    assert churn(rows)["net_revenue"].value == -40
    assert churn(rows)["gross_revenue"].value == 0


def test_a_moved_rate_loses_nothing() -> None:
    rates = [
        {"currency": "EUR", "since": "2026-01-01", "rate": "1.3"},
        {"currency": "EUR", "since": "2026-06-10", "rate": "0.9"},
    ]
    rows = [terms("50", "2026-01-01", currency="EUR")]
    values = churn(rows, currency="USD", exchange_rates=rates)
    assert (values["gross_revenue"].value, values["gross_revenue"].details.start) == (0, 45)


def test_nothing_at_the_start_is_no_data() -> None:
    values = churn([terms("50", "2026-06-02")])
    assert {one.status for one in values.values()} == {Status.NO_DATA}
    assert {one.status for one in churn([]).values()} == {Status.NO_DATA}


DAYS = st.integers(-60, 40).map(lambda number: FIRST + timedelta(days=number))
ROWS = st.lists(
    st.builds(
        lambda begin, lasts, amount, account, reason: terms(
            str(amount),
            begin.isoformat(),
            lasts and (begin + timedelta(days=lasts)).isoformat(),
            account=account,
            subscription=f"{account}-{begin}",
            cancel_reason=reason,
        ),
        DAYS,
        st.none() | st.integers(1, 60),
        st.decimals(0, 99, places=2),
        st.integers(1, 4),
        st.sampled_from(["", "price", "closed"]),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.sampled_from(["day", "period"]), st.sampled_from(["period_end", "cancellation"]))
def test_reasons_and_counts_add_up(rows: Rows, grouping: str, recognition: str) -> None:
    values = churn(rows, grouping=grouping, recognition=recognition)
    logo, gross = values["logo"].details, values["gross_revenue"].details
    if logo is not None and gross is not None:
        assert logo.start - logo.lost + logo.joined == logo.end
        assert sum(one.accounts for one in logo.reasons) == logo.lost
        assert sum(one.amount for one in gross.reasons) == gross.churned + gross.contracted


@settings(max_examples=10, deadline=None)
@given(st.data(), ROWS)
def test_the_order_of_terms_changes_nothing(data: st.DataObject, rows: Rows) -> None:
    assert churn(data.draw(st.permutations(rows))) == churn(rows)


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, report
