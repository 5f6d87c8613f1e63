"""Time to value: who waits counts, half is half, and neither order nor zone matters."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from engage_time_to_value.config import TimeToValueConfig
from engage_time_to_value.plugin import Median, plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import CensoredData, ecdf

from engage_server.sdk import TENANT, Accounts, Measurement, SignupMilestones, Status, Subject, account
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
END = datetime(2026, 7, 1, tzinfo=UTC)
Row = dict[str, Any]


def signup(ago: float, took: float | None = None, *, of: int | None = 1) -> Row:
    """A sign-up so many days ago, and the days that it took."""
    at = END - timedelta(days=ago)
    return {
        "account": of,
        "signed_up_at": at,
        "milestone_1": None if took is None else at + timedelta(days=took),
    }


def compute(rows: list[Row], metric: str = "time", **config: Any) -> dict[Subject, Measurement]:
    inputs = {"signups" if metric == "time" or "setup" not in config else "setup_time_signups": rows}
    request = request_for(MANIFEST, inputs, config=TimeToValueConfig(**config))
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == metric}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_asks_for_sign_ups_with_the_milestones_of_the_configuration() -> None:
    config = TimeToValueConfig(
        value=[{"event": "Recorded"}, {"event": "Shared", "times": 2}], signup_event="Signed Up"
    )
    assert MANIFEST.inputs_for(config) == {
        "signups": SignupMilestones((("Recorded", 1), ("Shared", 2)), 90, 90, "Signed Up", 30),
        "accounts": Accounts(),
    }


def test_who_is_still_waiting_makes_the_median_later_and_never_vanishes() -> None:
    came = [signup(80, took) for took in (1, 2, 3)]
    alone, with_waiting = compute(came)[TENANT], compute([*came, *[signup(60)] * 3])[TENANT]
    assert (alone.value, alone.details.share_reached) == (2, 1)
    assert (with_waiting.value, with_waiting.details.share_reached) == (3, 0.5)
    assert with_waiting.details.median_of_reached == 2


def test_where_fewer_than_half_come_to_it_the_median_is_not_reached() -> None:
    found = compute([signup(60, 1), signup(60), signup(60)])[TENANT]
    assert (found.value, found.status, found.n) == (None, Status.NO_DATA, 3)
    assert (found.details.median, found.details.share_reached) == (Median.NOT_REACHED, pytest.approx(1 / 3))
    assert found.interval is None


def test_a_recent_sign_up_counts_only_as_long_as_it_could_be_seen() -> None:
    # Those of an hour ago say nothing about days: at the first day only two are still looked at.
    found = compute([signup(60, 1), signup(60, 2), *[signup(1 / 24)] * 8])[TENANT]
    assert (found.value, found.details.waiting, found.details.expected_share) == (1, 10 - 2, 1)


def test_an_account_has_its_own_time_to_value() -> None:
    found = compute([signup(50, 2, of=1), signup(50, 6, of=2), signup(50, 4, of=None)])
    assert {subject: one.value for subject, one in found.items()} == {TENANT: 4, account(1): 2, account(2): 6}


def test_what_comes_after_the_time_is_over_does_not_count() -> None:
    found = compute([signup(80, 10), signup(80, 9.99)], within_days=10)[TENANT]
    assert (found.details.reached, found.details.waiting) == (1, 0)


def test_set_up_has_its_usual_time_its_mean_and_who_is_overdue() -> None:
    rows = [signup(60, 1), signup(60, 2), signup(60, 6), signup(7.01), signup(7)]
    found = compute(rows, "setup_time", setup=[{"event": "Mailbox Connected"}])[TENANT]
    assert (found.value, found.details.mean_of_reached, found.details.overdue) == (6, 3, 1)
    assert compute([], "setup_time") == {}


def test_without_sign_ups_there_is_no_data() -> None:
    found = compute([])[TENANT]
    assert (found.value, found.status, found.details.median, found.contributions) == (
        None,
        Status.NO_DATA,
        None,
        (),
    )


def test_a_sign_up_across_a_change_of_the_clocks_takes_the_hours_that_it_takes() -> None:
    at = datetime(2026, 3, 28, 23, tzinfo=UTC)  # midnight in Berlin, whose next day has 23 hours
    rows = [{"signed_up_at": at, "milestone_1": at + timedelta(hours=23)}]
    request = request_for(MANIFEST, {"signups": rows}, day=date(2026, 3, 30), timezone="Europe/Berlin")
    assert next(iter(plugin.engage_compute(request))).value == pytest.approx(23 / 24)


@pytest.mark.parametrize(
    "wrong", [{"value": []}, {"value": [{"times": 0}]}, {"within_days": 0}, {"milestone": "x"}]
)
def test_an_impossible_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TimeToValueConfig(**wrong)


signups = st.lists(
    st.builds(
        signup, st.integers(1, 80), st.none() | st.integers(0, 89), of=st.none() | st.integers(1, 3)
    ).filter(lambda row: row["milestone_1"] is None or row["milestone_1"] < END),
    max_size=15,
)


@settings(max_examples=40, deadline=None)
@given(signups)
def test_any_sign_ups_keep_the_contract_and_agree_with_scipy(rows: list[Row]) -> None:
    assert conformance_problems(plugin, requests=[request_for(MANIFEST, {"signups": rows})]) == []
    found = compute(rows)[TENANT]
    took = [(row["milestone_1"] - row["signed_up_at"]).days for row in rows if row["milestone_1"]]
    waited = [(END - row["signed_up_at"]).days for row in rows if not row["milestone_1"]]
    if not took:
        assert found.value is None
        return
    curve = ecdf(CensoredData(uncensored=took, right=waited)).sf
    halves = [
        time for time, left in zip(curve.quantiles, curve.probabilities, strict=True) if left <= 0.5 + 1e-9
    ]
    assert found.value == (halves[0] if halves else None)


@settings(max_examples=20, deadline=None)
@given(signups, st.randoms())
def test_the_order_of_sign_ups_does_not_matter(rows: list[Row], chance: Any) -> None:
    assert compute(chance.sample(rows, len(rows))) == compute(rows)
