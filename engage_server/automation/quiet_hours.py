"""When messages may go: hours and weekdays of a zone, right over the changes of its clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

SATURDAY: Final = 5


class Hours(BaseModel):
    """From ``first`` until before ``last`` o'clock; with ``working_days`` not on Saturdays and Sundays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: int = Field(0, ge=0, le=23)
    last: int = Field(24, ge=1, le=24)
    working_days: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "Hours":
        if self.last <= self.first:
            raise ValueError("last is not after first")
        return self


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hours of a zone in which a message may go, as it was written with them."""

    hours: Hours
    zone: str

    def wait(self, moment: datetime) -> timedelta:
        """How long from a moment on it has to wait; nothing within the hours."""
        return max(timedelta(), next_allowed(moment, self.hours, ZoneInfo(self.zone)) - moment)

    @classmethod
    def within(cls, hours: Hours, zone: ZoneInfo) -> Self | None:
        """These hours of a zone; None where they are all there are."""
        return None if hours == Hours() else cls(hours, zone.key)

    @property
    def stored(self) -> dict[str, Any]:
        """As the outbox keeps it."""
        return {**self.hours.model_dump(), "zone": self.zone}

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """What the outbox kept; None where the message may go at any time."""
        if stored is None:
            return None
        hours = {name: value for name, value in stored.items() if name != "zone"}
        return cls(Hours(**hours), stored["zone"])


def next_allowed(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """The moment itself where it is allowed, else the first one after it; in the zone."""
    local = moment.astimezone(zone)
    if _is_day(local.date(), hours) and hours.first <= local.hour < hours.last:
        return local
    day = local.date() if local.hour < hours.first else local.date() + timedelta(days=1)
    while not _is_day(day, hours):
        day += timedelta(days=1)
    return _instant(day, time(hours.first), zone)


def days_later(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of the clock so many days later; where the clocks skip it, as much later as they skip."""
    local = moment.astimezone(zone)
    return _instant(local.date() + timedelta(days=days), local.timetz().replace(tzinfo=None), zone)


def _is_day(day: date, hours: Hours) -> bool:
    return not hours.working_days or day.weekday() < SATURDAY


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    # By way of an instant: a time that the clocks skip is the one that they show instead.
    local = datetime.combine(day, at, tzinfo=zone)
    return datetime.fromtimestamp(local.timestamp(), tz=zone)
