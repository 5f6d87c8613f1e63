"""What every input specification says of itself: its columns, and what it reads of which days."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar

import polars as pl

UTC_TIME = pl.Datetime("us", "UTC")


class Dataset(StrEnum):
    """The data that inputs are made of.

    EVENTS is what persons did, with all that decides whose it is: memberships, merges, exclusions. EVENT_CLASSES,
    NOTICES (whether a name is one), EVENT_WEIGHTS (with the polarity) and EVENT_FEATURES are what the dictionary says
    of names, on the days on which they occur; FEATURE_RELEASES is when features came.
    """

    EVENTS = "EVENTS"
    EVENT_CLASSES = "CLASSES"
    NOTICES = "NOTICES"
    EVENT_WEIGHTS = "WEIGHTS"
    EVENT_FEATURES = "FEATURES"
    FEATURE_RELEASES = "RELEASES"
    SURVEY_RESPONSES = "RESPONSES"
    SUBSCRIPTIONS = "SUBSCRIPTIONS"
    ACCOUNTS = "ACCOUNTS"
    METRIC_VALUES = "METRIC"


@dataclass(frozen=True, slots=True)
class Read:
    """What an input reads of one dataset. Nothing after the computed day is ever read.

    Args:
        dataset: the data.
        days: the rows of so many days are read, the last of which is the computed day (1: that day alone).
        since_ever: what was before counts too, as far as it is kept: a person's first event, a subscription's former
            terms. A change on any day then concerns all days that follow.
        plugins: of METRIC_VALUES, the plugins whose metrics are read; None elsewhere.
    """

    dataset: Dataset
    days: int = 1
    since_ever: bool = False
    plugins: frozenset[str] | None = None

    def last_day(self, day: date) -> date | None:
        """The last computed day that sees what is on ``day``; None where there is no last one."""
        return None if self.since_ever else day + timedelta(days=self.days - 1)

    def covers(self, day: date, *, computed: date) -> bool:
        """Whether the value of the ``computed`` day sees what is on ``day``."""
        last = self.last_day(day)
        return day <= computed and (last is None or computed <= last)


@dataclass(frozen=True, slots=True)
class InputSpec:
    """Base of all specifications."""

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {}

    @property
    def reads(self) -> tuple[Read, ...]:
        """What the input reads and of which days, one entry per dataset.

        The server derives from it which computed days a change concerns, and which days cannot be computed any more.
        """
        return ()
