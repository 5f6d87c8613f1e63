"""When events of a name were seen, and how many, from the roll-ups; events without a person are not among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection

from engage_server.activity.models import DayBitmap
from engage_server.activity.rollups.freshness import require_current
from engage_server.tenancy.scope import current_tenant

VOLUME_DAYS: Final = 30
SEEN: Final = """
    SELECT name.id, oldest.day, newest.day
    FROM unnest(%(ids)s::int[]) AS name (id)
    CROSS JOIN LATERAL (
        SELECT day FROM activity_daybitmap
        WHERE kind = %(kind)s AND event = name.id AND bit_count(bits) > 0
        ORDER BY day LIMIT 1) oldest
    CROSS JOIN LATERAL (
        SELECT day FROM activity_daybitmap
        WHERE kind = %(kind)s AND event = name.id AND bit_count(bits) > 0
        ORDER BY day DESC LIMIT 1) newest
"""
VOLUMES: Final = """
    SELECT event.name, count(*)
    FROM activity_personday day JOIN activity_personstate state ON state.person = day.person AND state.is_counted
    CROSS JOIN LATERAL unnest(day.names) AS event (name)
    WHERE day.day > %(before)s AND day.names && %(ids)s::int[] AND event.name = ANY(%(ids)s::int[])
    GROUP BY event.name
"""


@dataclass(frozen=True, slots=True)
class EventNameUsage:
    """First and last day, None where it was never seen, and the events of the last 30 days, today among them."""

    first_day: date | None = None
    last_day: date | None = None
    volume: int = 0


def usage_of(ids: Sequence[int]) -> dict[int, EventNameUsage]:
    """First and last day and volume of these event names, by number; two statements, however many names.

    Inside ``current_rollups()``.
    """
    require_current()
    today = datetime.now(current_tenant().zone).date()
    params: Mapping[str, Any] = {
        "ids": list(ids),
        "before": today - timedelta(days=VOLUME_DAYS),
        "kind": DayBitmap.Kind.ROOT.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(VOLUMES, params)
        volumes = dict(cursor.fetchall())
        cursor.execute(SEEN, params)
        days = {number: (first, last) for number, first, last in cursor.fetchall()}
    return {
        number: EventNameUsage(*days.get(number, (None, None)), volume=volumes.get(number, 0))
        for number in ids
    }
