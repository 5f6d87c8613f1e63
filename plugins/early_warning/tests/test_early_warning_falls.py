"""Falls are judged by what was known then, alarms last as long as use stays low, and false ones are counted."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from engage_early_warning.cards import use
from engage_early_warning.config import EarlyWarningConfig
from engage_early_warning.falls import falls
from engage_early_warning.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import AccountWeeks, Measurement, Subject, account
from engage_server.sdk.testing import Level, check, request_for

DAY = date(2026, 6, 30)
CONFIG = EarlyWarningConfig()
USE = st.lists(st.integers(0, 40), min_size=12, max_size=40)


def frame(person_days: dict[int, list[int]]) -> pl.DataFrame:
    return pl.DataFrame(use(person_days), schema=AccountWeeks.columns)


def test_an_alarm_begins_with_the_first_low_week_and_is_raised_by_the_last_of_those_it_takes() -> None:
    (one,) = falls(frame({7: [10] * 10 + [5, 5, 3]}), DAY, CONFIG).episodes
    assert one.account == 7
    assert one.onset == DAY - timedelta(days=20)
    assert one.raised_on == DAY - timedelta(days=7)
    assert one.is_ongoing


@pytest.mark.parametrize(
    "weeks",
    [
        [10] * 10 + [6, 6, 6],  # not far enough
        [10] * 10 + [5, 10, 5],  # not in a row
        [2] * 10 + [0, 0],  # too little to begin with
        [10] * 7 + [0, 0],  # too young
        [10] * 10 + [4, 4, 10],  # over
    ],
)
def test_what_is_no_alarm_now(weeks: list[int]) -> None:
    assert not [one for one in falls(frame({1: weeks}), DAY, CONFIG).episodes if one.is_ongoing]


def test_low_use_stays_an_alarm_when_it_has_become_the_usual() -> None:
    (one,) = falls(frame({1: [10] * 10 + [3] * 20}), DAY, CONFIG).episodes
    assert one.is_ongoing
    assert one.onset == DAY - timedelta(days=7 * 20 - 1)


def test_the_measure_that_fell_most_decides() -> None:
    rows = frame({1: [10] * 12}).with_columns(
        events=pl.when(pl.col("weeks_ago") < 2).then(1).otherwise(30).cast(pl.Int64)
    )
    newest = falls(rows, DAY, CONFIG).newest[1]
    assert (newest.measure, round(newest.percent)) == ("events", 97)
    assert falls(rows, DAY, EarlyWarningConfig(measures=("person_days",))).episodes == ()


@given(USE, st.integers(1, 8))
@settings(max_examples=40)
def test_what_comes_later_changes_no_alarm_that_was_raised(weeks: list[int], more: int) -> None:
    """The history up to a week gives the alarms that it gave when this week was the newest."""
    earlier = falls(frame({1: weeks}), DAY - timedelta(days=7 * more), CONFIG).episodes
    later = falls(frame({1: [*weeks, *[10] * more]}), DAY, CONFIG).episodes
    until = DAY - timedelta(days=7 * more)
    if any(weeks):
        assert {(one.onset, one.raised_on) for one in earlier} == {
            (one.onset, one.raised_on) for one in later if one.raised_on <= until
        }


@given(USE)
@settings(max_examples=40)
def test_use_that_never_falls_never_alarms(weeks: list[int]) -> None:
    assert falls(frame({1: sorted(weeks)}), DAY, CONFIG).episodes == ()


def measured(rows: dict[str, Any], **config: Any) -> dict[tuple[str, Subject], Measurement]:
    request = request_for(plugin.engage_manifest(), rows, config=EarlyWarningConfig(**config))
    return {(one.metric, one.subject): one for one in plugin.engage_compute(request)}


def leaving(**more: Any) -> dict[str, Any]:
    """Account 1 fell and left; 2 left without a fall; 3 fell long ago and stayed; 4 fell just now; 5 is as ever."""
    weeks = {
        1: [10] * 30 + [3] * 6 + [0] * 4,
        2: [10] * 36 + [0] * 4,
        3: [10] * 15 + [3] * 3 + [10] * 22,
        4: [10] * 38 + [3, 3],
        5: [10] * 40,
    }
    gone = str(DAY - timedelta(days=28))
    subscriptions = [
        {"account": id, "amount": "9", "is_paid": True, "valid_until": gone if id < 3 else None}
        for id in weeks
    ]
    return {"weeks": use(weeks), "subscriptions": subscriptions, **more}


def test_the_lead_time_is_of_those_who_left_and_false_alarms_stand_beside_it() -> None:
    found = measured(leaving())
    lead = next(one for (metric, _), one in found.items() if metric == "lead_time")
    assert (lead.value, lead.n) == (28, 2)  # raised two weeks after the fall began, six before leaving
    details = lead.details
    assert (details.warned, details.missed, details.warned_share) == (1, 1, 0.5)
    assert (details.right_alarms, details.false_alarms, details.open_alarms) == (1, 1, 1)
    assert details.precision == 0.5
    assert details.precision_low < 0.5 < details.precision_high


def test_who_has_left_does_not_alarm_any_more() -> None:
    found = measured(leaving())
    share = next(one for (metric, _), one in found.items() if metric == "alarming")
    assert share.value == pytest.approx(100 / 3)
    assert share.n == 3
    assert found["fall", account(4)].details.since == DAY - timedelta(days=13)
    assert ("fall", account(1)) not in found or found["fall", account(1)].value is None


def test_an_account_without_subscriptions_left_when_its_stage_says_so() -> None:
    rows = leaving(subscriptions=[])
    rows["history"] = [
        {"account": 1, "attribute": "stage", "value": "CHURNED", "first": str(DAY - timedelta(days=28))},
        {
            "account": 3, "attribute": "stage", "value": "CHURNED", "first": str(DAY - timedelta(days=90)),
            "until": str(DAY - timedelta(days=60)),
        },
    ]  # fmt: skip
    lead = next(one for (metric, _), one in measured(rows).items() if metric == "lead_time")
    assert (lead.value, lead.details.warned, lead.details.missed) == (28, 1, 0)


def test_an_account_that_fades_too_slowly_to_alarm_is_missed_when_it_leaves() -> None:
    """Its last baseline lies far back: its departure counts all the same, or only survivors would be judged."""
    slow = [round(20 * 0.92**week) for week in range(32)] + [0] * 12
    gone = str(DAY - timedelta(days=7 * 12))
    rows = {
        "weeks": use({1: slow}),
        "subscriptions": [{"account": 1, "amount": "9", "is_paid": True, "valid_until": gone}],
    }
    lead = next(one for (metric, _), one in measured(rows).items() if metric == "lead_time")
    assert (lead.value, lead.details.left, lead.details.missed) == (None, 1, 1)


def test_an_account_that_left_before_it_had_a_baseline_is_not_missed() -> None:
    rows = {
        "weeks": use({1: [10] * 9 + [0] * 9, 2: [10] * 11 + [0] * 7}),
        "subscriptions": [
            {"account": id, "amount": "9", "is_paid": True, "valid_until": str(DAY - timedelta(days=7 * ago))}
            for id, ago in ((1, 9), (2, 7))
        ],
    }
    lead = next(one for (metric, _), one in measured(rows).items() if metric == "lead_time")
    assert (lead.details.left, lead.details.missed) == (1, 1)


def test_a_history_shorter_than_a_baseline_is_refused() -> None:
    with pytest.raises(ValidationError, match="Remedy"):
        EarlyWarningConfig(history_weeks=12, baseline_weeks=12)


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, report.findings
