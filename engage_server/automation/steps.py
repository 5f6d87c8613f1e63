"""The words of a playbook's steps, and how they follow each other once branches are laid out in one row.

A place in the row is what a journey remembers: it holds as long as the version does, which never changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_STEPS: Final = 20
DEEPEST: Final = 3
MOST_VARIANTS: Final = 10
LONGEST_TITLE: Final = 1_000
LONGEST_TEXT: Final = 10_000


class Step(BaseModel):
    """Base of all steps."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Wait(Step):
    """Nothing happens for so long. A day is one of the calendar: at the same hour, whatever the clocks did."""

    type: Literal["wait"]
    days: int = Field(0, ge=0, le=366)
    hours: int = Field(0, ge=0, le=72)

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if not (self.days or self.hours):
            raise ValueError("days or hours is needed")
        return self


class StopIfOver(Step):
    """It ends here where the signal is over, or somebody acknowledged it."""

    type: Literal["stop_if_over"]


class Variant(Step):
    """Other words for members of a segment."""

    segment: int = Field(ge=1)
    subject: str = Field(min_length=1, max_length=LONGEST_TITLE)
    text: str = Field("", max_length=LONGEST_TEXT)


class SendMessage(Step):
    """A message goes by a channel; subject and text are templates. The first variant of whose segment one is has its say."""

    type: Literal["message"]
    channel: int = Field(ge=1)
    subject: str = Field(min_length=1, max_length=LONGEST_TITLE)
    text: str = Field("", max_length=LONGEST_TEXT)
    variants: tuple[Variant, ...] = Field((), max_length=MOST_VARIANTS)


class MakeTask(Step):
    """The owner has something to do, by ``due_days`` later; title and text are templates. The next step does not wait."""

    type: Literal["task"]
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    text: str = Field("", max_length=LONGEST_TEXT)
    due_days: int | None = Field(None, ge=0, le=366)


class Annotate(Step):
    """It is written beside the tenant's series; the text names no subject, so that it is said once a day for all."""

    type: Literal["annotation"]
    text: str = Field(min_length=1, max_length=LONGEST_TITLE)


class AskSurvey(Step):
    """The person is asked by a channel to persons, unless it was asked lately."""

    type: Literal["survey"]
    survey: int = Field(ge=1)
    channel: int = Field(ge=1)


class Branch(Step):
    """Goes on with ``then`` where it is so, else with ``otherwise``; after either with what follows.

    ``segment``: the subject is a member now. ``over``: whether the signal is over, or was acknowledged.
    """

    type: Literal["branch"]
    segment: int | None = Field(None, ge=1)
    over: bool | None = None
    then: tuple["AnyStep", ...] = Field((), max_length=MOST_STEPS)
    otherwise: tuple["AnyStep", ...] = Field((), max_length=MOST_STEPS)

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if (self.segment is None) == (self.over is None):
            raise ValueError("exactly one of segment and over is needed")
        if not (self.then or self.otherwise):
            raise ValueError("then or otherwise is needed")
        return self


AnyStep = Annotated[
    Wait | StopIfOver | SendMessage | MakeTask | Annotate | AskSurvey | Branch, Field(discriminator="type")
]
Branch.model_rebuild()


@dataclass(frozen=True, slots=True)
class Ask:
    """A branch in the row: what follows is done where it is so, else it goes on at ``otherwise``."""

    branch: Branch
    otherwise: int


@dataclass(frozen=True, slots=True)
class Leap:
    """It goes on at another place."""

    to: int


Placed = Wait | StopIfOver | SendMessage | MakeTask | Annotate | AskSurvey | Ask | Leap


def row_of(steps: Sequence[AnyStep]) -> tuple[Placed, ...]:
    """The steps in one row; without branches that is what they are."""
    row: list[Placed] = []
    _lay_out(steps, row)
    return tuple(row)


def all_of(steps: Iterable[AnyStep], *, depth: int = 1) -> Iterator[AnyStep]:
    """Every step, those inside of branches too.

    Raises:
        ValueError: branches stand too deep within each other.
    """
    if depth > DEEPEST:
        raise ValueError(f"branches stand at most {DEEPEST - 1} deep within each other")
    for step in steps:
        yield step
        if isinstance(step, Branch):
            yield from all_of((*step.then, *step.otherwise), depth=depth + 1)


def segments_of(steps: Iterable[AnyStep]) -> frozenset[int]:
    """The segments that branches and variants ask about."""
    found: set[int | None] = set()
    for step in all_of(steps):
        if isinstance(step, Branch):
            found.add(step.segment)
        elif isinstance(step, SendMessage):
            found.update(one.segment for one in step.variants)
    return frozenset(number for number in found if number is not None)


def text_fields() -> frozenset[str]:
    """Where people write what they like, as ``Body.free_texts`` names it."""
    prefixes = ["steps."]
    for _ in range(DEEPEST - 1):
        prefixes += [f"{one}{arm}." for one in prefixes for arm in ("then", "otherwise")]
    own = ("subject", "text", "title", "variants.subject", "variants.text")
    return frozenset(prefix + field for prefix in prefixes for field in own)


def _lay_out(steps: Iterable[AnyStep], row: list[Placed]) -> None:
    for step in steps:
        if not isinstance(step, Branch):
            row.append(step)
            continue
        asked = len(row)
        row.append(Leap(0))  # until it is known where the other arm begins
        _lay_out(step.then, row)
        leap = len(row)
        if step.otherwise:
            row.append(Leap(0))
        row[asked] = Ask(step, otherwise=len(row))
        if step.otherwise:
            _lay_out(step.otherwise, row)
            row[leap] = Leap(len(row))
