"""Sales velocity: which opportunities count, how long they took, and how sure it is."""

from datetime import date
from typing import Any

import pytest
from engage_unit_economics.cards import DEALS, stage
from engage_unit_economics.config import UnitEconomicsConfig
from engage_unit_economics.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, Measurement, Status
from engage_server.sdk.testing import request_for

Stages = list[dict[str, Any]]


def velocity(opportunities: Stages, **config: Any) -> Measurement:
    request = request_for(
        plugin.engage_manifest(),
        {"opportunities": opportunities},
        config=UnitEconomicsConfig(**config),
        day=date(2026, 6, 30),
    )
    values = plugin.engage_compute(request)
    return next(one for one in values if (one.metric, one.subject) == ("sales_velocity", TENANT))


def test_the_win_rate_is_over_closed_ones_only() -> None:
    details = velocity(DEALS).details
    assert (details.opportunities, details.won, details.lost, details.win_rate) == (40, 5, 15, 0.25)


def test_the_interval_is_that_of_the_win_rate() -> None:
    one = velocity(DEALS, confidence=0.9)
    low, high = proportion_confint(5, 20, alpha=0.1, method="wilson")
    assert one.interval is not None
    assert [one.interval.low, one.interval.high] == pytest.approx([200 * low / 0.25, 200 * high / 0.25])
    assert "win rate" in one.interval.method


def test_what_was_closed_before_the_window_is_not_worked_on() -> None:
    old = [stage("old", "open", "2026-01-01"), stage("old", "won", "2026-03-31", "9000")]
    assert velocity([*DEALS, *old]).value == 200
    assert velocity([*DEALS, *old], window_days=120).details.won == 6


def test_a_deal_won_on_its_first_day_took_one_and_stages_are_read_in_any_case() -> None:
    one = velocity([stage("a", "open", "2026-06-05"), stage("a", "Closed_Won", "2026-06-05", "500")])
    assert (one.details.cycle_days, one.details.deal_size, one.value) == (1, 500, 500)


def test_an_opportunity_that_is_opened_again_is_open() -> None:
    again = [
        stage("a", "open", "2026-05-01"),
        stage("a", "lost", "2026-05-20"),
        stage("a", "open", "2026-06-01"),
    ]
    one = velocity([*again, stage("b", "won", "2026-06-05")])
    assert (one.details.opportunities, one.details.lost, one.details.win_rate) == (2, 0, 1)


def test_nothing_won_is_no_data_with_a_note() -> None:
    one = velocity([stage("a", "open", "2026-06-01"), stage("a", "lost", "2026-06-05")])
    assert (one.value, one.status, one.details.win_rate) == (None, Status.NO_DATA, 0)
    assert "No deal was won" in one.details.note
    assert velocity([]).status is Status.NO_DATA


STAGES = st.lists(
    st.builds(
        stage,
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["open", "demo", "won", "lost"]),
        st.dates(date(2026, 1, 1), date(2026, 6, 30)).map(str),
        st.integers(0, 999).map(str),
    ),
    max_size=12,
    unique_by=lambda row: (row["entry"], row["stage"]),
)


@settings(max_examples=25, deadline=None)
@given(st.data(), STAGES)
def test_the_order_of_stages_changes_nothing_and_the_counts_add_up(data: st.DataObject, rows: Stages) -> None:
    one = velocity(rows)
    assert velocity(data.draw(st.permutations(rows))) == one
    if one.details is not None:
        assert one.details.won + one.details.lost <= one.details.opportunities
