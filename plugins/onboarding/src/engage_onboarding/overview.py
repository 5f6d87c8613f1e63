"""What is said of many together: their mean progress, and where they are stuck."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from engage_onboarding.config import OnboardingConfig
from engage_onboarding.progress import Progress, State
from engage_server.sdk import Answer

Many = Iterable[tuple[Progress, int]]
"""Progress, and how many have come just so far."""


@dataclass(frozen=True, slots=True)
class StepReach:
    """How many came over a step."""

    key: Annotated[str, "Name for programs."]
    title: Annotated[str, "What to do."]
    done_share: Annotated[float, "Who has done it / whom it counts for, 0 to 1."]
    stuck: Annotated[int, "For whom it is the step that is due."]


@dataclass(frozen=True, slots=True)
class OnboardingOverview:
    """How far those are who began lately."""

    complete: Annotated[int, "Have done all steps that count."]
    complete_share: Annotated[float | None, "Likewise of all, 0 to 1."]
    steps: Annotated[tuple[StepReach, ...], "Each step, in the order of the newest checklist."]
    stuck_at: Annotated[str | None, "Key of the step that is due for most; of two alike the earlier one."]


def overview(found: Many, config: OnboardingConfig) -> Answer:
    """The mean progress of those for whom a step counts, and where they stand."""
    measured = [(one, value, number) for one, number in found if (value := one.value) is not None]
    total = sum(number for *_, number in measured)
    if not total:
        return Answer(None, n=0)
    complete = sum(number for one, _, number in measured if one.due is None)
    reach = tuple(_reach([(one, number) for one, _, number in measured], config))
    stuck = max(reach, key=lambda step: step.stuck)
    details = OnboardingOverview(
        complete=complete,
        complete_share=complete / total,
        steps=reach,
        stuck_at=stuck.key if stuck.stuck else None,
    )
    mean = sum(value * number for _, value, number in measured) / total
    return Answer(mean, n=total, details=details)


def _reach(found: list[tuple[Progress, int]], config: OnboardingConfig) -> Iterator[StepReach]:
    """Who has done each step and for whom it is due; a step of several versions is one by its key."""
    counted: Counter[str] = Counter()
    done: Counter[str] = Counter()
    due: Counter[str] = Counter()
    for one, number in found:
        for step in one.counted:
            counted[step.key] += number
            done[step.key] += number * (step.state is State.DONE)
            due[step.key] += number * (step.state is State.DUE)
    titles: dict[str, str] = {}
    for checklist in reversed(config.checklists):
        for known in checklist.steps:
            titles.setdefault(known.key, known.title)
    for key, title in titles.items():
        if counted[key]:
            yield StepReach(key, title, done[key] / counted[key], due[key])
