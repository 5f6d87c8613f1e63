"""How far a goal has come: the share of the way from its baseline to its target, by the metric's direction."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engage_server.metrics.goals import GoalBody
from engage_server.sdk import Direction


class GoalStatus(StrEnum):
    """How a goal stands. AHEAD and BEHIND compare the share of the way with the share of the time."""

    REACHED = "REACHED"
    AHEAD = "AHEAD"
    BEHIND = "BEHIND"
    MISSED = "MISSED"
    NO_DATA = "NO_DATA"


@dataclass(frozen=True, slots=True)
class Progress:
    """Shares of the way and of the time, 0 to 1; ``share`` is None where no value or no baseline tells it."""

    share: float | None
    expected: float
    status: GoalStatus


def progress(goal: GoalBody, value: float | None, direction: Direction | None, today: date) -> Progress:
    """How far a value has brought a goal.

    Args:
        goal: which.
        value: the subject's newest value; once the goal is due, that of the due day.
        direction: which way is good for the value; None or VARIES: nobody says.
        today: in the tenant's calendar.
    """
    expected = min(1.0, max(0.0, (today - goal.start).days / (goal.due - goal.start).days))
    left = None if value is None else _left(goal, value, direction)
    if left is None:
        return Progress(None, expected, GoalStatus.NO_DATA)
    if left == 0:
        return Progress(1.0, expected, GoalStatus.REACHED)
    share = _share(goal, left, direction)
    if today > goal.due:
        return Progress(share, expected, GoalStatus.MISSED)
    if share is None:
        return Progress(None, expected, GoalStatus.NO_DATA)
    return Progress(share, expected, GoalStatus.AHEAD if share >= expected else GoalStatus.BEHIND)


def _share(goal: GoalBody, left: float, direction: Direction | None) -> float | None:
    whole = None if goal.baseline is None else _left(goal, goal.baseline, direction)
    if whole is None:
        return None
    # Who began at the target and fell behind has come no part of the way.
    return 0.0 if whole == 0 else min(1.0, max(0.0, 1 - left / whole))


def _left(goal: GoalBody, value: float, direction: Direction | None) -> float | None:
    """How much is still to go, in the metric's unit; 0: reached."""
    match direction:
        case Direction.UP:
            return max(0.0, goal.target - value)
        case Direction.DOWN:
            return max(0.0, value - goal.target)
        case Direction.TARGET:
            return max(0.0, abs(goal.target - value) - goal.tolerance)
        case _:
            return None
