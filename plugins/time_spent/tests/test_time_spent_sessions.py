"""Active minutes, sessions and how long they last."""

from statistics import fmean, median
from typing import Any

import pytest
from engage_time_spent.card import session
from engage_time_spent.config import TimeSpentConfig
from engage_time_spent.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Direction, Measurement, Sessions, Status, Subject, account
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
Rows = list[dict[str, Any]]


def computed(metric: str, rows: dict[str, Rows], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, rows, config=TimeSpentConfig(**config))
    return {m.subject: m for m in plugin.engage_compute(request) if m.metric == metric}


def test_active_minutes_add_up_over_persons() -> None:
    rows = [
        {"person": 1, "account": 1, "active_minutes": 30, "active_days": 2},
        {"person": 1, "account": 2, "active_minutes": 10, "active_days": 1},
        {"person": 2, "account": 1, "active_minutes": 20, "active_days": 1},
    ]
    found = computed("active_minutes", {"minutes": rows})
    assert (found[TENANT].value, found[TENANT].n) == (60, 2)
    assert (found[TENANT].details.minutes_per_person, found[TENANT].details.minutes_per_active_day) == (
        30,
        15,
    )
    assert (found[account(1)].value, found[account(2)].value) == (50, 10)


def test_gaps_are_stretches_without_a_longer_pause() -> None:
    found = computed("active_minutes", {"stretches": [session(90), session(0, 1, minute=9)]}, method="gaps")
    assert (found[TENANT].value, found[TENANT].details.minutes_per_active_day) == (1.5, None)
    asked = MANIFEST.inputs_for(TimeSpentConfig(method="gaps", idle_minutes=7))["stretches"]
    assert asked == Sessions(days=14, idle_minutes=7, max_hours=24 * 366)


def test_sessions_are_counted_by_person_too() -> None:
    found = computed("sessions", {"sessions": [session(1), session(2, minute=50), session(3, person=2)]})
    assert (found[TENANT].value, found[TENANT].n, found[TENANT].details.sessions_per_person) == (3, 2, 1.5)


FOUR = [session(0, 1), session(60, minute=1), session(120, minute=3), session(420, minute=9)]


def test_mean_median_and_ninth_decile_of_the_sessions() -> None:
    found = computed("session_duration", {"sessions": FOUR})[account(1)]
    assert (found.value, found.details.median) == (150, 90)
    assert found.details.p90 == pytest.approx(330)
    without = computed("session_duration", {"sessions": FOUR}, single_event_sessions="exclude")[TENANT]
    assert (without.value, without.details.counted_sessions, without.details.single_event_sessions) == (
        200,
        3,
        1,
    )


def test_sessions_of_one_event_alone_leave_no_duration_where_they_are_out() -> None:
    found = computed("session_duration", {"sessions": FOUR[:1]}, single_event_sessions="exclude")[TENANT]
    assert (found.value, found.status) == (None, Status.NO_DATA)
    assert computed("session_duration", {"sessions": FOUR[:1]})[TENANT].value == 0


@pytest.mark.parametrize("way", ["UP", "DOWN", "TARGET"])
def test_which_way_is_good_is_the_tenants_to_say(way: Any) -> None:
    found = computed("session_duration", {"sessions": FOUR}, duration_direction=way)
    assert {one.direction for one in found.values()} == {Direction(way)}


def test_task_completion_is_named_beside_the_duration() -> None:
    value = {
        "metric": "task_completion.rate",
        "subject_kind": "tenant",
        "subject": 0,
        "value": 80.0,
        "status": "OK",
    }
    of_account = value | {"subject_kind": "account", "subject": 1, "value": 60.0}
    rows = {"sessions": FOUR, "completion_of_tenant": [value], "completion_of_account": [of_account]}
    found = computed("session_duration", rows)
    assert [found[subject].details.completion for subject in (TENANT, account(1))] == [80, 60]
    assert found[TENANT].details.completion_metric == "task_completion.rate"
    assert computed("session_duration", {"sessions": FOUR})[TENANT].details.completion is None
    assert (
        computed("session_duration", {"sessions": FOUR}, completion_metric="")[TENANT].details.completion
        is None
    )


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 3)), min_size=1, max_size=20))
def test_the_figures_are_those_of_the_list(told: list[tuple[int, int]]) -> None:
    rows = [session(float(seconds), events) for seconds, events in told]
    seconds = [one for one, _ in told]
    found = computed("session_duration", {"sessions": rows})[TENANT]
    assert found.value == pytest.approx(fmean(seconds))
    assert found.details.median == pytest.approx(median(seconds))
    assert found.details.median <= found.details.p90 <= max(seconds)


@pytest.mark.parametrize(
    "values", [{"idle_minutes": 0}, {"page_events": []}, {"bounce": "guess"}, {"completion_metric": "rate"}]
)
def test_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TimeSpentConfig.model_validate(values)


def test_it_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, [str(finding) for finding in report.findings]
