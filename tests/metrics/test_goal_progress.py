"""How far a goal has come, by the metric's direction."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.metrics.goal_progress import GoalStatus, progress
from engage_server.metrics.goals import GoalBody
from engage_server.sdk import Direction

START = date(2026, 1, 1)
DUE = START + timedelta(days=100)
HALFWAY = START + timedelta(days=50)


def goal(target: float, baseline: float | None, **changes) -> GoalBody:
    return GoalBody(metric="nps.score", target=target, baseline=baseline, start=START, due=DUE, **changes)


@pytest.mark.parametrize(
    ("direction", "target", "baseline", "value", "share", "status"),
    [
        ("UP", 40, 20, 30, 0.5, "AHEAD"),
        ("UP", 40, 20, 29, 0.45, "BEHIND"),
        ("UP", 40, 20, 40, 1, "REACHED"),
        ("UP", 40, 20, 10, 0, "BEHIND"),
        ("UP", 40, 50, 45, 1, "REACHED"),
        ("UP", 40, 50, 30, 0, "BEHIND"),
        ("DOWN", 2, 6, 4, 0.5, "AHEAD"),
        ("DOWN", 2, 6, 5, 0.25, "BEHIND"),
        ("DOWN", 2, 6, 1.5, 1, "REACHED"),
        ("TARGET", 10, 20, 13, 0.7, "AHEAD"),
        ("TARGET", 10, 0, 13, 0.7, "AHEAD"),
        ("TARGET", 10, 0, 10, 1, "REACHED"),
        ("UP", 40, 20, None, None, "NO_DATA"),
        ("UP", 40, None, 30, None, "NO_DATA"),
        ("UP", 40, None, 41, 1, "REACHED"),
        ("VARIES", 40, 20, 30, None, "NO_DATA"),
    ],
)
def test_share_and_status_halfway(direction, target, baseline, value, share, status):  # noqa: PLR0917
    found = progress(goal(target, baseline), value, Direction(direction), HALFWAY)
    assert (found.share, found.expected, found.status) == (share and pytest.approx(share), 0.5, status)


def test_near_enough_is_reached():
    near = goal(10, 0, tolerance=2)
    assert progress(near, 8, Direction.TARGET, HALFWAY).status is GoalStatus.REACHED
    assert progress(near, 7.9, Direction.TARGET, HALFWAY).status is GoalStatus.AHEAD


@pytest.mark.parametrize(("days", "status"), [(100, "BEHIND"), (101, "MISSED")])
def test_the_due_day_is_the_last_on_which_it_may_be_reached(days, status):
    found = progress(goal(40, 20), 39, Direction.UP, START + timedelta(days=days))
    assert (found.status, found.expected) == (status, 1)


finite = st.floats(-1e6, 1e6)


@settings(max_examples=60)
@given(finite, finite, finite, st.sampled_from(["UP", "DOWN", "TARGET"]), st.integers(-10, 120))
def test_shares_stay_within_0_and_1_and_all_of_the_way_is_reached(target, baseline, value, direction, days):
    found = progress(goal(target, baseline), value, Direction(direction), START + timedelta(days=days))
    assert 0 <= found.share <= 1
    assert 0 <= found.expected <= 1
    assert found.status is not GoalStatus.REACHED or found.share == 1
