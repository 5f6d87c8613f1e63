"""What a tenant may choose about retention."""

from dataclasses import replace
from itertools import pairwise
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from engage_server.sdk import PluginConfig, Retention

Unit = Literal["day", "week", "month"]
LONGEST: Final = {"day": 1, "week": 7, "month": 31}
"""Days that a unit takes at most."""
POINTS: Final[dict[str, Any]] = {"min_length": 1, "max_length": 30}


class RetentionConfig(PluginConfig):
    """Which periods are asked about, of whom, and by which clock."""

    birth_event: str = Field("", description="Event that makes a member; empty: the first event ever.")
    return_event: str = Field("", description="Event that counts as coming back; empty: any event.")
    mode: Literal["on", "on_or_after", "on_or_before", "streak"] = Field(
        "on",
        description="Active in the very period (exact), in it or later (unbounded), in any from the first to it, or in "
        "each of them.",
    )
    day_points: tuple[int, ...] = Field(
        (1, 7, 30), description="Days asked about; the first is the metric's value.", **POINTS
    )
    clock: Literal["calendar", "rolling"] = Field(
        "calendar",
        description="Whether days are the calendar's in the tenant's zone, or 24 hours each from the very birth.",
    )
    month_points: tuple[int, ...] = Field(
        (1, 3, 6), description="Months asked about; the first is the metric's value.", **POINTS
    )
    month_clock: Literal["own", "calendar"] = Field(
        "own",
        description="Whether a month begins with each member's own day (31 January: the last of February), or with the "
        "calendar's first.",
    )
    brackets: tuple[tuple[int, int], ...] = Field(
        ((1, 7), (8, 14), (15, 30)),
        description="First and last day of stretches that do not overlap; the first is the metric's value.",
        **POINTS,
    )
    cohort: Unit = Field("week", description="Which births make a cohort, for days and brackets.")
    cohorts: int = Field(
        8,
        ge=1,
        le=60,
        description="Cohorts that are complete at the last point; younger ones are shown as well.",
    )
    table_unit: Unit = Field("month", description="Unit of the cohort table's cohorts and periods.")
    table_periods: int = Field(12, ge=1, le=26, description="Periods of the cohort table after the first.")
    confidence: float = Field(0.95, ge=0.5, lt=1, description="Confidence level of the intervals.")

    @model_validator(mode="after")
    def _answerable(self) -> Self:
        for name in ("day_points", "month_points"):
            points = getattr(self, name)
            if min(points) < 0 or len(set(points)) < len(points):
                raise ValueError(
                    f"{name} {points} are no distinct periods. Remedy: name each once, from 0 on."
                )
        ordered = sorted(self.brackets)
        if any(first < 0 or last < first for first, last in ordered):
            raise ValueError(
                f"brackets {self.brackets} end before they begin. Remedy: name first and last day."
            )
        if any(one[1] >= other[0] for one, other in pairwise(ordered)):
            raise ValueError(
                f"brackets {self.brackets} overlap. Remedy: let each begin after the one before has ended."
            )
        return self

    def days(self) -> Retention:
        """Retention by days."""
        last = max(self.day_points)
        return self._asked(last, self.cohort, self.cohorts, offsets=self.day_points, clock=self.day_clock)

    def in_brackets(self) -> Retention:
        """Retention in brackets of days, whatever the mode."""
        last = max(past for _, past in self.brackets)
        asked = self._asked(last, self.cohort, self.cohorts, brackets=self.brackets, clock=self.day_clock)
        return replace(asked, mode="on")

    def months(self, subject: Literal["person", "account"]) -> Retention:
        """Retention by months, of persons or of accounts."""
        return self._asked(
            max(self.month_points) * 31,
            "month",
            6,
            offsets=self.month_points,
            unit="month",
            clock=self.month_clock,
            subject=subject,
        )

    def table(self) -> Retention:
        """The cohort table: of each cohort the calendar periods after it."""
        return self._asked(
            0,
            self.table_unit,
            self.table_periods + 1,
            offsets=tuple(range(self.table_periods + 1)),
            unit=self.table_unit,
            clock="calendar",
        )

    @property
    def day_clock(self) -> Literal["own", "rolling"]:
        """The input's word for the clock of days."""
        return "rolling" if self.clock == "rolling" else "own"

    def _asked(self, last_day: int, cohort: Unit, cohorts: int, **more: Any) -> Retention:
        # Two more: the cohort that the window cuts, and the one that is not over.
        days = last_day + (cohorts + 2) * LONGEST[cohort]
        event, birth_event = self.return_event or None, self.birth_event or None
        return Retention(
            days=days, cohort=cohort, mode=self.mode, event=event, birth_event=birth_event, **more
        )
