"""What every input specification says of itself: its columns, and what it reads of which days."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Final, Literal

import polars as pl

UTC_TIME = pl.Datetime("us", "UTC")
MONEY = pl.Decimal(38, 4)
Period = Literal["week", "month", "quarter", "year"]
LONGEST: Final = {"week": 7, "month": 31, "quarter": 92, "year": 366}


def first_of(period: Period, day: date) -> date:
    """The first day of the calendar period that the day lies in; weeks begin on Monday."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def last_of(period: Period, day: date) -> date:
    """The last day of the calendar period that the day lies in."""
    return first_of(period, first_of(period, day) + timedelta(days=LONGEST[period] + 3)) - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of its month: 31 January and 1 month is the end of February."""
    month = day.year * 12 + day.month - 1 + months
    first = date(month // 12, month % 12 + 1, 1)
    return first + timedelta(days=min(day.day, last_of("month", first).day) - 1)


class Dataset(StrEnum):
    """The data that inputs are made of.

    EVENTS is what persons did, with all that decides whose it is: memberships, merges, exclusions. EVENT_CLASSES,
    NOTICES (whether a name is one), EVENT_WEIGHTS (with the polarity) and EVENT_FEATURES are what the dictionary says
    of names, on the days on which they occur; FEATURE_RELEASES is when features came. FEEDBACK is what was said in words,
    in surveys and without one.
    """

    EVENTS = "EVENTS"
    EVENT_CLASSES = "CLASSES"
    NOTICES = "NOTICES"
    EVENT_WEIGHTS = "WEIGHTS"
    EVENT_FEATURES = "FEATURES"
    FEATURE_RELEASES = "RELEASES"
    SURVEY_RESPONSES = "RESPONSES"
    FEEDBACK = "FEEDBACK"
    SUBSCRIPTIONS = "SUBSCRIPTIONS"
    ACCOUNTS = "ACCOUNTS"
    LEDGER = "LEDGER"
    METRIC_VALUES = "METRIC"
    OVERRIDES = "OVERRIDES"


@dataclass(frozen=True, slots=True)
class Read:
    """What an input reads of one dataset. Nothing after the computed day is ever read.

    Args:
        dataset: the data.
        days: the rows of so many days are read, the last of which is the computed day (1: that day alone).
        since_ever: what was before counts too, as far as it is kept: a person's first event, a subscription's former
            terms. A change on any day then concerns all days that follow.
        plugins: of METRIC_VALUES and OVERRIDES, the plugins whose metrics are read; None elsewhere.
        period: the rows of this calendar period up to the computed day are read; ``days`` is the longest that it gets.
        ends_before: the last day that is read lies so many days before the computed one.
    """

    dataset: Dataset
    days: int = 1
    since_ever: bool = False
    plugins: frozenset[str] | None = None
    period: Period | None = None
    ends_before: int = 0

    def last_day(self, day: date) -> date | None:
        """The last computed day that sees what is on ``day``; None where there is no last one."""
        if self.since_ever:
            return None
        if self.period is not None:
            return last_of(self.period, day)
        return day + timedelta(days=self.days - 1 + self.ends_before)

    def covers(self, day: date, *, computed: date) -> bool:
        """Whether the value of the ``computed`` day sees what is on ``day``."""
        last = self.last_day(day)
        seen_from = day + timedelta(days=self.ends_before)
        return seen_from <= computed and (last is None or computed <= last)


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

    def first_day(self, day: date) -> date:
        """The first day of the window of a computed day: of its trailing ``days``, or of its calendar ``period``."""
        period: Period | None = getattr(self, "period", None)
        if period is not None:
            return first_of(period, day)
        return self.ends_on(day) - timedelta(days=max(int(getattr(self, "days", 1)), 1) - 1)

    def ends_on(self, day: date) -> date:
        """The last day of the window of a computed day: that day, or so many days before as ``ends_before`` says."""
        return day - timedelta(days=int(getattr(self, "ends_before", 0)))

    def length_on(self, day: date) -> int:
        """The days of the window of a computed day."""
        return (self.ends_on(day) - self.first_day(day)).days + 1

    def is_whole_on(self, day: date) -> bool:
        """Whether the calendar period ends with the day, where there is one: before, a value of it is PARTIAL."""
        period: Period | None = getattr(self, "period", None)
        return period is None or last_of(period, day) == day


def window_read(
    dataset: Dataset, days: int, period: Period | None, *, since_ever: bool = False, ends_before: int = 0
) -> Read:
    """What an input reads of the trailing ``days``, or of the calendar ``period`` to date where there is one.

    Raises:
        ValueError: a calendar period that ends before the computed day.
    """
    if period is not None and ends_before:
        raise ValueError(
            "A calendar period ends with the computed day. Remedy: give days beside ends_before."
        )
    if period is None:
        return Read(dataset, days, since_ever=since_ever, ends_before=ends_before)
    return Read(dataset, LONGEST[period], since_ever=since_ever, period=period)
