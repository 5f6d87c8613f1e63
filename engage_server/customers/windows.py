"""Days of a tenant's calendar as instants."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engage_server.sdk import Window


def day_window(day: date, zone_name: str) -> Window:
    """The calendar day in the zone: 23, 24 or 25 hours long."""
    zone = ZoneInfo(zone_name)
    following = day + timedelta(days=1)
    return Window(
        day=day,
        start=datetime(day.year, day.month, day.day, tzinfo=zone),
        end=datetime(following.year, following.month, following.day, tzinfo=zone),
        timezone=zone_name,
    )
