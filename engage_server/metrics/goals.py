"""Goals: which value a metric is to have by a day, of the tenant, an account or a segment. Inside the tenant's scope."""

from datetime import date
from math import isfinite
from typing import Final, Self

from pydantic import Field, model_validator

from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import Defined

GOAL: Final = "goal"
METRIC_ID: Final = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"


class GoalBody(Body):
    """What is kept of a goal. Its values are in the metric's unit."""

    free_texts = frozenset({"note"})

    metric: str = Field(
        pattern=METRIC_ID, max_length=100, description="Full id: the plugin's, a dot, the metric's."
    )
    target: float
    start: date = Field(description="The day from which progress counts.")
    due: date = Field(description="The last day on which it may be reached.")
    account: str = Field("", max_length=200, description="External id of the account that it is for.")
    segment: int | None = Field(None, description="Number of the segment that it is for.")
    baseline: float | None = Field(
        None, description="The value that progress counts from; null: none was known."
    )
    baseline_day: date | None = Field(
        None, description="The day whose value the baseline is; null: somebody gave it, or none was known."
    )
    tolerance: float = Field(
        0, ge=0, description="How far from the target is near enough, where to meet it is good."
    )
    note: str = Field("", max_length=500)

    @property
    def subject_kind(self) -> str:
        """The kind of subject whose value it is about."""
        if self.account:
            return "account"
        return "tenant" if self.segment is None else "segment"

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.due <= self.start:
            raise ValueError("due is not after start")
        if self.account and self.segment is not None:
            raise ValueError("a goal is for an account or for a segment, not for both")
        if not all(isfinite(number) for number in (self.target, self.tolerance, self.baseline or 0)):
            raise ValueError("target, tolerance and baseline are finite numbers")
        return self


Goal = Defined[GoalBody]


def goals() -> list[Goal]:
    """All goals, in the order in which they were made."""
    return store.in_force(GOAL, GoalBody)


def goal(number: int) -> Goal:
    """The goal of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(GOAL, GoalBody, number)
