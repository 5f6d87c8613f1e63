"""The input about who comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

import polars as pl

from engage_server.sdk.inputs.base import Dataset, InputSpec, Read


@dataclass(frozen=True, slots=True)
class Retention(InputSpec):
    """Who came back, of the persons or accounts first seen in the trailing ``days``: one row per cohort and offset.

    Args:
        days: length of the window in calendar days.
        cohort: ``cohort`` is the first day of the calendar day, ISO week or month in which the members were born: did
            ``birth_event``, or anything at all, for the first time ever. Day, week and month are the tenant's.
        offsets: the k of the periods asked about. Period 0 begins with the birth.
        event: what to come back means; None: any event.
        birth_event: None: any event.
        unit: of the periods.
        clock: "own": period k begins k days, weeks or months after the member's own first day (of 31 January, month 1
            begins on the last day of February). "calendar": it is the k-th calendar week or month after that of the first
            day (a day is the same by both). "rolling": k times 24 hours, or 7 of these, after the very moment.
        mode: "on": active in period k. "on_or_after": in it or later. "on_or_before": in any of the periods 1 to k.
            "streak": in each of them.
        brackets: in place of ``offsets`` first and last period of stretches that do not overlap: active in any of their
            periods. Their ``offset`` is the first period.
        subject: whose births and returns.

    ``size`` members are in the cohort; ``eligible`` are those whose period k (or bracket) was over by the end of the
    window, and ``retained`` of those came back. A cell is complete where eligible = size. A cohort that began before the
    window has only the members born in it.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "cohort": pl.Date,
        "offset": pl.Int64,
        "size": pl.Int64,
        "eligible": pl.Int64,
        "retained": pl.Int64,
    }
    days: int = 90
    cohort: Literal["day", "week", "month"] = "week"
    offsets: tuple[int, ...] = (1, 7, 30)
    event: str | None = None
    birth_event: str | None = None
    unit: Literal["day", "week", "month"] = "day"
    clock: Literal["own", "calendar", "rolling"] = "own"
    mode: Literal["on", "on_or_after", "on_or_before", "streak"] = "on"
    brackets: tuple[tuple[int, int], ...] = ()
    subject: Literal["person", "account"] = "person"

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.EVENTS, self.days, since_ever=True),)

    @property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """First and last period of each offset or bracket."""
        return self.brackets or tuple((offset, offset) for offset in self.offsets)

    def problems(self) -> Iterator[str]:
        """What cannot be answered, with its remedy; nothing where it can."""
        ordered = sorted(self.stretches)
        if any(first < 0 or last < first for first, last in ordered):
            yield f"{self.stretches} has a period before 0, or one that ends before it begins. Remedy: count from 0."
        if any(one[1] >= other[0] for one, other in pairwise(ordered)):
            yield f"{self.stretches} overlap. Remedy: let each begin after the one before has ended."
        if self.brackets and self.mode != "on":
            yield f"brackets have no mode {self.mode}. Remedy: mode='on', or offsets in place of brackets."
        if self.clock == "rolling" and self.unit == "month":
            yield "a month has no fixed number of hours. Remedy: clock='own', or another unit."
        if self.clock == "rolling" and self.subject == "account":
            yield "hours are counted for persons alone. Remedy: clock='own' for accounts."
