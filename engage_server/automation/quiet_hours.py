"""When messages may go: hours and weekdays of a zone, right over the changes of its clocks."""

from datetime import date, datetime, time, timedelta
from typing import Final
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
