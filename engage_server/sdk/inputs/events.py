"""Inputs about single events: with their properties, and by the channels that they came through."""

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
