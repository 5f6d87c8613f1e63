"""How far one account or person is through their checklist."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from engage_onboarding.config import Checklist, Step
from engage_server.sdk import Contribution

Done = Mapping[tuple[str, int], date | None]
"""By event and number the day on which it was done so often; None where the day is of no interest."""


class State(StrEnum):
    """Where a step stands. DUE is the first one to do."""

    DONE = "DONE"
    DUE = "DUE"
    OPEN = "OPEN"
    OPTIONAL = "OPTIONAL"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class StepState:
    """A step, and where it stands."""

    key: Annotated[str, "Name for programs."]
    title: Annotated[str, "What to do."]
    state: Annotated[State, "DUE is the one to do next."]
    weight: Annotated[float, "How much it weighs against the others that count."]
    done_on: Annotated[date | None, "Day on which it was done."]
    guide: Annotated[str, "Where help is; empty where none was named."]


@dataclass(frozen=True)
class Progress:
    """All applicable steps, and what comes of them; thousands of sign-ups share one."""

    version: str
    steps: tuple[StepState, ...]

    @cached_property
    def counted(self) -> tuple[StepState, ...]:
        """The steps of the denominator: neither optional nor skipped."""
        return tuple(step for step in self.steps if step.state not in {State.OPTIONAL, State.SKIPPED})

    @cached_property
    def done(self) -> int:
        """How many of them are done."""
        return sum(1 for step in self.counted if step.state is State.DONE)

    @cached_property
    def due(self) -> StepState | None:
        """The step to do next; None where all are done."""
        return next((step for step in self.steps if step.state is State.DUE), None)

    @cached_property
    def points(self) -> tuple[Contribution, ...]:
        """What each counted step adds, in per cent."""
        total = sum(step.weight for step in self.counted)
        return tuple(
            Contribution(
                step.key,
                step.title,
                1 if step.state is State.DONE else 0,
                points=100 * step.weight / total if step.state is State.DONE else 0,
                weight=step.weight,
                note="" if step.state is State.DONE else "Not done",
            )
            for step in self.counted
        )

    @cached_property
    def value(self) -> float | None:
        """Weight done / weight of the counted steps, in per cent; null where no step counts."""
        if not self.counted:
            return None
        if self.done == len(self.counted):
            return 100.0
        return sum(float(point.points or 0) for point in self.points)

    @cached_property
    def completed_on(self) -> date | None:
        """The day on which the last of the counted steps was done; null while one is not."""
        days = [step.done_on for step in self.counted if step.done_on is not None]
        return max(days) if days and len(days) == len(self.counted) else None


def follow(checklist: Checklist, done: Done, plan: str) -> Progress:
    """The progress of somebody on this plan who has done so much."""
    steps: list[StepState] = []
    is_due = True
    for step in checklist.steps:
        if not step.plans or plan in step.plans:
            state = _state(step, done, is_due=is_due)
            is_due = is_due and state is not State.DUE
            steps.append(
                StepState(
                    step.key, step.title, state, step.weight, done.get((step.event, step.times)), step.guide
                )
            )
    return Progress(checklist.version, tuple(steps))


def _state(step: Step, done: Done, *, is_due: bool) -> State:
    if step.optional:
        return State.OPTIONAL
    if (step.event, step.times) in done:
        return State.DONE
    if step.skip_event and (step.skip_event, 1) in done:
        return State.SKIPPED
    return State.DUE if is_due else State.OPEN
