"""The words that say when a rule speaks; each is checked when it is saved. ``type`` tells them apart.

Every trigger answers for a subject and a day: it speaks, it is over, or neither, which leaves a signal as it is.
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engage_server.segments.conditions import LONGEST_WINDOW, SubjectKind

METRIC_ID: Final = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"
Measured = Literal["account", "tenant"]


class Word(BaseModel):
    """Base of all triggers."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(Word):
    """A metric's value is below, or above, an edge. It is over at ``clears_at``, which may lie beyond the edge."""

    type: Literal["value"]
    metric: str = Field(pattern=METRIC_ID, max_length=101)
    subject: Measured = "account"
    below: float | None = Field(None, allow_inf_nan=False)
    above: float | None = Field(None, allow_inf_nan=False)
    clears_at: float | None = Field(
        None, allow_inf_nan=False, description="Default: the edge itself. Further off: hysteresis."
    )

    @model_validator(mode="after")
    def _one_edge(self) -> "Value":
        if (self.below is None) == (self.above is None):
            raise ValueError("exactly one of below and above is needed")
        if self.clears_at is not None and self.sign * (self.clears_at - self.edge) > 0:
            raise ValueError("clears_at lies where the rule still speaks")
        return self

    @property
    def sign(self) -> int:
        """1 where high values speak, -1 where low ones do."""
        return 1 if self.below is None else -1

    @property
    def edge(self) -> float:
        """Beyond it the rule speaks."""
        return (self.above if self.below is None else self.below) or 0.0


class Change(Word):
    """A metric's value rose, or fell, by so much within ``days``: in its unit, or as a share of what it was."""

    type: Literal["change"]
    metric: str = Field(pattern=METRIC_ID, max_length=101)
    subject: Measured = "account"
    days: int = Field(7, ge=1, le=366)
    falls_by: float | None = Field(None, gt=0, allow_inf_nan=False)
    rises_by: float | None = Field(None, gt=0, allow_inf_nan=False)
    relative: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "Change":
        if (self.falls_by is None) == (self.rises_by is None):
            raise ValueError("exactly one of falls_by and rises_by is needed")
        return self

    @property
    def sign(self) -> int:
        """1 where a rise speaks, -1 where a fall does."""
        return 1 if self.falls_by is None else -1

    @property
    def size(self) -> float:
        """How large a change speaks."""
        return (self.rises_by if self.falls_by is None else self.falls_by) or 0.0


class Unusual(Word):
    """A metric's value is far from what is usual on this weekday (see docs/explanations.md)."""

    type: Literal["anomaly"]
    metric: str = Field(pattern=METRIC_ID, max_length=101)
    subject: Measured = "account"
    side: Literal["LOW", "HIGH", "BOTH"] = "BOTH"


class Moved(Word):
    """Who comes into a segment, or leaves it, that is tracked or listed by hand."""

    type: Literal["segment"]
    segment: int = Field(ge=1)
    moved: Literal["entered", "left"]


class Done(Word):
    """Who did an event at least ``times`` times in the trailing ``days``; of an account all its persons together."""

    type: Literal["event"]
    event: str = Field(min_length=1, max_length=200)
    subject: SubjectKind = "account"
    times: int = Field(1, ge=1, le=1_000_000)
    days: int = Field(1, ge=1, le=LONGEST_WINDOW)


class NotDone(Word):
    """Who did ``after`` and by ``within_days`` days later has not done ``event``. It is over once it is done."""

    type: Literal["not_done"]
    after: str = Field(min_length=1, max_length=200)
    event: str = Field(min_length=1, max_length=200)
    within_days: int = Field(ge=1, le=366)
    subject: SubjectKind = "account"


class Renewal(Word):
    """A paid subscription ends, or begins its next interval of a year or longer, within ``days_ahead``."""

    type: Literal["renewal"]
    days_ahead: int = Field(30, ge=1, le=366)


Trigger = Annotated[Value | Change | Unusual | Moved | Done | NotDone | Renewal, Field(discriminator="type")]
WITH_N: Final = (Value, Change, Unusual)
"""Those whose measurement rests on a count, which ``minimum_n`` is about."""
