"""Shares from step to step, the largest drop, cohorts, twenty steps, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engage_funnel.config import FunnelConfig
from engage_funnel.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
END = datetime(2026, 7, 1, tzinfo=UTC)
STEPS = tuple("abcd")


def person(
    number: int, reached: int, *, days_ago: float = 10, hours: float = 1, of: int | None = 1
) -> dict[str, Any]:
    """Who came to so many steps, one every so many hours; the time for them is two days."""
    begun = END - timedelta(days=days_ago)
    times = {f"step_{step}": begun + timedelta(hours=hours * step) for step in range(1, reached + 1)}
    return {"person": number, "account": of, "until": begun + timedelta(days=2), **times}


def compute(
    rows: list[dict[str, Any]], steps: tuple[str, ...] = STEPS, **more: Any
) -> dict[Subject, Measurement]:
    config = FunnelConfig(steps=steps, within_hours=48, **more)
    request = request_for(MANIFEST, {"reached": rows}, config=config)
    return {measured.subject: measured for measured in plugin.engage_compute(request)}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_the_step_before_which_most_are_lost_is_named() -> None:
    reached = [4, 4, 3, 1, 1, 1, 2]
    details = encoded(compute([person(n, steps) for n, steps in enumerate(reached)])[TENANT].details)
    assert [step["persons"] for step in details["steps"]] == [7, 4, 3, 2]
    assert [step["lost"] for step in details["steps"]] == [0, 3, 1, 1]
    assert (details["largest_drop"], details["largest_drop_event"], details["largest_drop_lost"]) == (
        2,
        "b",
        3,
    )


def test_where_nobody_is_lost_no_drop_is_named() -> None:
    details = encoded(compute([person(1, 4)])[TENANT].details)
    assert (details["largest_drop"], details["largest_drop_event"], details["largest_drop_lost"]) == (
        None,
        None,
        0,
    )


def test_intervals_are_those_of_statsmodels_and_the_median_is_of_those_who_came() -> None:
    rows = [person(1, 4, hours=1), person(2, 2, hours=3), person(3, 2, hours=5), person(4, 1)]
    said = compute(rows)[TENANT]
    second = encoded(said.details)["steps"][1]
    assert (second["low"], second["high"]) == pytest.approx(proportion_confint(3, 4, method="wilson"))
    assert second["median_seconds"] == 3 * 3600
    low, high = proportion_confint(1, 4, method="wilson")
    assert said.interval is not None
    assert (said.interval.low, said.interval.high) == pytest.approx((100 * low, 100 * high))


def test_accounts_have_those_who_entered_in_them() -> None:
    said = compute([person(1, 4, of=1), person(2, 1, of=1), person(3, 4, of=2), person(4, 4, of=None)])
    assert {subject: measured.value for subject, measured in said.items()} == {
        TENANT: 75,
        account(1): 50,
        account(2): 100,
    }


def test_a_matured_cohort_waits_and_a_trailing_one_is_immature() -> None:
    rows = [person(1, 4), person(2, 2, days_ago=1)]
    matured, trailing = compute(rows)[TENANT], compute(rows, cohort="trailing")[TENANT]
    assert (matured.value, matured.n, matured.status) == (100, 1, Status.OK)
    assert (trailing.value, trailing.n, trailing.status) == (50, 2, Status.IMMATURE)
    assert encoded(trailing.details)["open"] == 1


def test_twenty_steps_are_followed_and_a_twenty_first_is_refused() -> None:
    twenty = tuple(f"step {number}" for number in range(20))
    said = compute([person(1, 20), person(2, 19)], steps=twenty)[TENANT]
    assert (said.value, encoded(said.details)["largest_drop"]) == (50, 20)
    with pytest.raises(ValidationError):
        FunnelConfig(steps=(*twenty, "more"))


@pytest.mark.parametrize(
    "config",
    [
        {"steps": ["alone"]},
        {"steps": ["a", ""]},
        {"steps": ["a", "b"], "step_hours": [1, 1]},
        {"steps": ["a", "b"], "step_hours": [0]},
        {"within_hours": 0},
    ],
)
def test_nonsense_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FunnelConfig.model_validate(config)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 6)), max_size=15))
def test_steps_only_lose_and_everybody_is_lost_once_or_converts(people: list[tuple[int, int, int]]) -> None:
    rows = [person(n, reached, of=of, days_ago=days) for n, (reached, of, days) in enumerate(people)]
    for measured in compute(rows, cohort="trailing").values():
        details = encoded(measured.details)
        persons = [step["persons"] for step in details["steps"]]
        assert persons == sorted(persons, reverse=True)
        assert sum(step["lost"] for step in details["steps"]) + details["converted"] == details["entrants"]
