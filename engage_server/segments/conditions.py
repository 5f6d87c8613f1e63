"""The words that a segment's filter is made of; each is checked when it is saved and says what it is about.

``type`` tells them apart. The two subjects are accounts and persons; some words are about one of them alone.
"""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engage_server.segments.exceptions import TooComplexError

SubjectKind = Literal["account", "person"]
Scalar = str | int | float | bool

MOST_PARTS: Final = 100
DEEPEST: Final = 10
LONGEST_WINDOW: Final = 730


class Word(BaseModel):
    """Base of all conditions."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Plan(Word):
    """Accounts on one of these plans; the empty text is an account without a plan."""

    type: Literal["plan"]
    any_of: tuple[str, ...] = Field(min_length=1, max_length=1_000)


class Stage(Word):
    """Accounts in one of these stages of their life."""

    type: Literal["stage"]
    any_of: tuple[Literal["LEAD", "TRIAL", "CUSTOMER", "CHURNED"], ...] = Field(min_length=1)


class Trait(Word):
    """Who has this trait: at all, with one of these values, or with a number in a range (both ends included)."""

    type: Literal["trait"]
    name: str = Field(min_length=1, max_length=200)
    any_of: tuple[Scalar, ...] | None = Field(None, min_length=1, max_length=1_000)
    at_least: float | None = Field(None, allow_inf_nan=False)
    at_most: float | None = Field(None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _one_question(self) -> "Trait":
        if self.any_of is not None and (self.at_least, self.at_most) != (None, None):
            raise ValueError("any_of and a range exclude each other")
        return self


class Under(Word):
    """The account of this external id with all accounts below it in the hierarchy."""

    type: Literal["under"]
    account: str = Field(min_length=1, max_length=200)
    itself: bool = True


class Listed(Word):
    """The accounts of these external ids."""

    type: Literal["accounts"]
    any_of: tuple[str, ...] = Field(min_length=1, max_length=10_000)


class Did(Word):
    """Who did an event at least ``times`` times in the trailing ``days``; of an account all its persons together."""

    type: Literal["did"]
    event: str = Field(min_length=1, max_length=200)
    times: int = Field(1, ge=1, le=1_000_000)
    days: int = Field(30, ge=1, le=LONGEST_WINDOW)


class DidNot(Word):
    """Who did not do an event in the trailing ``days``."""

    type: Literal["did_not"]
    event: str = Field(min_length=1, max_length=200)
    days: int = Field(30, ge=1, le=LONGEST_WINDOW)


class Answered(Word):
    """Who gave a survey an answer between two scores in the trailing ``days``; the last of each person counts."""

    type: Literal["answered"]
    instrument: str = Field(min_length=1, max_length=63)
    days: int = Field(90, ge=1, le=LONGEST_WINDOW)
    at_least: float | None = Field(None, allow_inf_nan=False)
    at_most: float | None = Field(None, allow_inf_nan=False)


class MetricValue(Word):
    """Whose value of a metric, on the day or its last one within ``max_age_days`` before, is in a range."""

    type: Literal["metric"]
    metric: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=101)
    at_least: float | None = Field(None, allow_inf_nan=False)
    at_most: float | None = Field(None, allow_inf_nan=False)
    max_age_days: int = Field(7, ge=0, le=366)

    @model_validator(mode="after")
    def _some_range(self) -> "MetricValue":
        if (self.at_least, self.at_most) == (None, None):
            raise ValueError("at_least or at_most is needed")
        return self


class Band(Word):
    """Whose value of a metric lies in one of these bands, on the day or its last one within ``max_age_days`` before.

    Bands are named by the metric's plugin (RED, YELLOW, GREEN, UNKNOWN) and have its edges, half-open and unrounded.
    """

    type: Literal["band"]
    metric: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=101)
    any_of: tuple[str, ...] = Field(min_length=1, max_length=20)
    max_age_days: int = Field(7, ge=0, le=366)


class BelongsTo(Word):
    """Persons who belong to an account of which the condition holds."""

    type: Literal["belongs_to"]
    accounts: "Condition"


class HasPersons(Word):
    """Accounts to which at least so many persons belong of whom the condition holds."""

    type: Literal["has_persons"]
    persons: "Condition"
    at_least: int = Field(1, ge=1)


class OfSegment(Word):
    """The members of another segment, by its number."""

    type: Literal["segment"]
    segment: int = Field(ge=1)


class All(Word):
    """Of whom every condition holds; of everybody where there is none."""

    type: Literal["all"]
    of: tuple["Condition", ...]


class AnyOf(Word):
    """Of whom one of the conditions holds."""

    type: Literal["any"]
    of: tuple["Condition", ...]


class Not(Word):
    """Of whom the condition does not hold."""

    type: Literal["not"]
    of: "Condition"


Condition = Annotated[
    Plan
    | Stage
    | Trait
    | Under
    | Listed
    | Did
    | DidNot
    | Answered
    | MetricValue
    | Band
    | BelongsTo
    | HasPersons
    | OfSegment
    | All
    | AnyOf
    | Not,
    Field(discriminator="type"),
]
for _word in (BelongsTo, HasPersons, All, AnyOf, Not):
    _word.model_rebuild()

# What an account is; all other words reach its persons, their doings, traits, answers or values.
OF_ACCOUNTS_THEMSELVES: Final = (Plan, Stage, Under, Listed, All, AnyOf, Not)
ABOUT_ACCOUNTS: Final = (Plan, Stage, Under, Listed, HasPersons)
ABOUT_PERSONS: Final = (BelongsTo,)


def parts(condition: Condition, subject: SubjectKind) -> Iterator[tuple[Condition, SubjectKind]]:
    """The condition and everything inside of it, each with whom it is asked about.

    Raises:
        TooComplexError: there is too much of it.
    """
    waiting: list[tuple[Condition, SubjectKind, int]] = [(condition, subject, 1)]
    met = 0
    while waiting:
        part, about, depth = waiting.pop()
        met += 1
        if met > MOST_PARTS or depth > DEEPEST:
            raise TooComplexError(
                f"The condition has more than {MOST_PARTS} parts or {DEEPEST} levels. "
                "Remedy: save parts of it as segments of their own and refer to them."
            )
        yield part, about
        waiting += [(one, kind, depth + 1) for one, kind in reversed(inside(part, about))]


def inside(condition: Condition, subject: SubjectKind) -> list[tuple[Condition, SubjectKind]]:
    """The conditions directly inside of one, each with whom it is asked about."""
    match condition:
        case All() | AnyOf():
            return [(one, subject) for one in condition.of]
        case Not():
            return [(condition.of, subject)]
        case BelongsTo():
            return [(condition.accounts, "account")]
        case HasPersons():
            return [(condition.persons, "person")]
        case _:
            return []
