"""Inputs about how far persons and accounts came since they began."""

from dataclasses import dataclass
from typing import ClassVar, Final

import polars as pl

from engage_server.sdk.inputs.base import UTC_TIME, Dataset, InputSpec, Read

ANY_VALUE: Final = "*"
"""Stands, where an event is named, for every event of class VALUE."""

Milestones = tuple[tuple[str, int], ...]
"""Pairs of an event's name, or ANY_VALUE, and how often it has to be done."""


def _reads_of_classes(milestones: Milestones, *, days: int = 1, since_ever: bool = False) -> tuple[Read, ...]:
    """Which event is of value the dictionary says; it is asked only where a milestone stands for all of them."""
    if all(event != ANY_VALUE for event, _ in milestones):
        return ()
    return (Read(Dataset.EVENT_CLASSES, days, since_ever=since_ever),)


@dataclass(frozen=True, slots=True)
class SignupMilestones(InputSpec):
    """Sign-ups of the trailing ``days``, and when each reached each of several milestones: one row for each.

    Args:
        milestones: pairs of an event's name and how often it has to be done. ANY_VALUE as a name counts all events of class
            VALUE, save ``signup_event``.
        within_days: a milestone counts that is reached within so many times 24 hours of the sign-up.
        days: length of the window in calendar days.
        signup_event: what marks the sign-up, the first one ever; None: a person's first event ever.
        settling_days: without ``signup_event``, who is first seen in so many first days of the tenant's events was a
            user before and is no sign-up.

    The times are the columns ``milestone_1``, ``milestone_2`` and so on; null where it was not reached in time and before
    the window ends. ``account`` is that of the sign-up. A merged person signs up once.
    """

    milestones: Milestones
    within_days: int = 14
    days: int = 30
    signup_event: str | None = None
    settling_days: int = 0

    @property
    def columns(self) -> dict[str, pl.DataType | type[pl.DataType]]:  # type: ignore[override]  # they are declared
        """The sign-up, and a time for each milestone."""
        times = {f"milestone_{number}": UTC_TIME for number in range(1, len(self.milestones) + 1)}
        return {"person": pl.Int64, "account": pl.Int64, "signed_up_at": UTC_TIME, **times}

    @property
    def reads(self) -> tuple[Read, ...]:
        events = Read(Dataset.EVENTS, self.days, since_ever=True)
        return (events, *_reads_of_classes(self.milestones, days=self.days))


@dataclass(frozen=True, slots=True)
class SignupDays(InputSpec):
    """The first days of the sign-ups of the trailing ``days``: one row per sign-up and day with an event of theirs.

    Args:
        length: how many days of each sign-up; the day of the sign-up itself is the first, with ``offset`` 0.
        days: length of the window in calendar days.
        signup_event, settling_days: as in SignupMilestones.

    Days are those of the tenant's calendar. ``events`` counts what was done from the sign-up on without names of the
    class NOTICE, ``value_events`` those of class VALUE save ``signup_event``, ``active_minutes`` the distinct minutes
    with an event that ``events`` counts. ``account`` is that of the sign-up.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "signed_up_at": UTC_TIME,
        "offset": pl.Int64,
        "events": pl.Int64,
        "value_events": pl.Int64,
        "active_minutes": pl.Int64,
    }
    length: int = 7
    days: int = 30
    signup_event: str | None = None
    settling_days: int = 0

    @property
    def reads(self) -> tuple[Read, ...]:
        return (
            Read(Dataset.EVENTS, self.days, since_ever=True),
            Read(Dataset.EVENT_CLASSES, self.days),
            Read(Dataset.NOTICES, self.days),
        )


@dataclass(frozen=True, slots=True)
class SignupActions(InputSpec):
    """What the sign-ups of the trailing ``days`` did in their first days, and whether they came back: one row per sign-up,
    name of an event and day of theirs.

    Args:
        length: how many days of each sign-up; the day of the sign-up itself is the first, with ``offset`` 0.
        back_from, back_to: the days of each, counted as ``offset``, on which coming back is looked for.
        days: length of the window in calendar days.
        signup_event, settling_days: as in SignupMilestones.

    ``count`` is how often it was done on the day, from the sign-up on. ``back_days`` counts the days from ``back_from``
    to ``back_to`` with an event; null until the last of them is over, so that nobody is judged who cannot have come back
    yet. Names of the class NOTICE are neither done nor coming back. ``account`` is that of the sign-up.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "signed_up_at": UTC_TIME,
        "event": pl.String,
        "offset": pl.Int64,
        "count": pl.Int64,
        "back_days": pl.Int64,
    }
    length: int = 7
    back_from: int = 28
    back_to: int = 34
    days: int = 125
    signup_event: str | None = None
    settling_days: int = 0

    @property
    def reads(self) -> tuple[Read, ...]:
        return (
            Read(Dataset.EVENTS, self.days, since_ever=True),
            Read(Dataset.NOTICES, self.days),
        )


@dataclass(frozen=True, slots=True)
class EventTotals(InputSpec):
    """What accounts did since ever, up to the computed day: one row per account and milestone that it has an event of.

    ``milestone`` is the place, from 1, of a pair of an event's name (or ANY_VALUE) and the number that is aimed at.
    ``count`` is the number of events so far, ``first_on`` the day of the first, ``reached_on`` the day on which the
    number was reached, null before. What is deleted by the tenant's rules of retention counts no more.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "milestone": pl.Int64,
        "count": pl.Int64,
        "first_on": pl.Date,
        "reached_on": pl.Date,
    }
    milestones: Milestones

    @property
    def reads(self) -> tuple[Read, ...]:
        events = Read(Dataset.EVENTS, since_ever=True)
        return (events, *_reads_of_classes(self.milestones, since_ever=True))
