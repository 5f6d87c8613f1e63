"""Inputs about single events: with their properties, by the channels that they came through, and in their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import polars as pl

from engage_server.sdk.inputs.base import UTC_TIME, Dataset, InputSpec, Period, Read, window_read

PROPERTY_TYPES: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "str": pl.String,
    "int": pl.Int64,
    "float": pl.Float64,
    "decimal": pl.Decimal(38, 10),
    "bool": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Events(InputSpec):
    """Events of the trailing ``days`` (or of the calendar ``period`` to date), one row each, with declared properties.

    Args:
        events: names of events.
        properties: pairs of a property's name and its kind: "str", "int", "float", "decimal" or "bool". Nothing else of
            the properties is decoded. Of another type than declared, or absent, it is null.
        days: length of the window in calendar days.
        period: in place of ``days``.

    A property is the column ``properties.<name>``.
    """

    events: tuple[str, ...]
    properties: tuple[tuple[str, Literal["str", "int", "float", "decimal", "bool"]], ...] = ()
    days: int = 30
    period: Period | None = None

    @property
    def columns(self) -> dict[str, pl.DataType | type[pl.DataType]]:  # type: ignore[override]  # they are declared
        """The columns of every event, and one for each property."""
        return {
            "person": pl.Int64,
            "account": pl.Int64,
            "event": pl.String,
            "at": UTC_TIME,
            **{f"properties.{name}": PROPERTY_TYPES[kind] for name, kind in self.properties},
        }

    @property
    def reads(self) -> tuple[Read, ...]:
        return (window_read(Dataset.EVENTS, self.days, self.period),)


@dataclass(frozen=True, slots=True)
class Touches(InputSpec):
    """Contacts with persons in the trailing ``days``: one row per day, person, account and channel, with their number.

    ``channels`` are pairs of a channel's name and the events that are its touches:
    ``(("email", ("Email Opened",)), ("call", ("Call Logged",)))``. An event may belong to several channels.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "day": pl.Date,
        "person": pl.Int64,
        "account": pl.Int64,
        "channel": pl.String,
        "touches": pl.Int64,
    }
    channels: tuple[tuple[str, tuple[str, ...]], ...]
    days: int = 30
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (window_read(Dataset.EVENTS, self.days, self.period),)


@dataclass(frozen=True, slots=True)
class Sequences(InputSpec):
    """How far persons came along ordered steps: one row for each who did the first step in the trailing ``days``.

    Args:
        steps: names of events, at least one. The first counts when it is first done in the window; each further one
            when it is first done after the one before, within ``within_hours`` of the first and before the window ends.
        within_hours: the time that all steps together may take.
        days: length of the window in calendar days.
        period: a calendar period to date, in place of ``days``.
        equal_times: whether a step counts that was done at the very time of the one before: "apart", no; "together",
            yes, since clocks of clients are coarse. Two steps of one name are always apart. Either way the order in which
            events of one time are read decides nothing.
        step_hours: for each step after the first, the time that it may take after the one before; None, or left out: as
            long as all together.

    The times are the columns ``step_1``, ``step_2`` and so on, null from the first step that was not done on; ``account``
    is that of the first step. ``until`` is when the time for the steps was, or will be, over: before it a step that is
    not done may still be. So funnels, times to an event and what was not done within a time come from the same rows.
    """

    steps: tuple[str, ...]
    within_hours: int = 24 * 14
    days: int = 30
    period: Period | None = None
    equal_times: Literal["apart", "together"] = "apart"
    step_hours: tuple[int | None, ...] = ()

    @property
    def columns(self) -> dict[str, pl.DataType | type[pl.DataType]]:  # type: ignore[override]  # they are declared
        """The person, and a time for each step."""
        times = {f"step_{number}": UTC_TIME for number in range(1, len(self.steps) + 1)}
        return {"person": pl.Int64, "account": pl.Int64, **times, "until": UTC_TIME}

    @property
    def reads(self) -> tuple[Read, ...]:
        return (window_read(Dataset.EVENTS, self.days, self.period),)
