"""Removes events, and the roll-ups of days, that lie before what a tenant keeps. Inside the tenant's scope.

Nothing is logged: the days go whole. That a person was seen before is still known, by its first event's time; since
when an event name is in use, by its first day.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from engage_server.activity.models import DayBitmap
from engage_server.activity.rollups.compaction import lock_rollups

EVENTS: Final = """
    DELETE FROM activity_event WHERE (source_id, message_id) IN (
        SELECT source_id, message_id FROM activity_event WHERE occurred_at < %(before)s
        ORDER BY occurred_at LIMIT %(limit)s)
"""
PERSON_DAYS: Final = """
    DELETE FROM activity_personday WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM activity_personday WHERE day < %(day)s ORDER BY day LIMIT %(limit)s))
"""
FIRST_DAYS: Final = """
    UPDATE activity_eventname AS name SET first_day = gone.day
    FROM (
        SELECT event, min(day) AS day FROM activity_daybitmap
        WHERE kind = %(kind)s AND day < %(day)s AND bit_count(bits) > 0 GROUP BY event
    ) gone
    WHERE name.id = gone.event AND (name.first_day IS NULL OR name.first_day > gone.day)
"""
BITMAPS: Final = """
    DELETE FROM activity_daybitmap WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM activity_daybitmap WHERE day < %(day)s LIMIT %(limit)s))
"""


def remove_events_before(moment: datetime, *, limit: int) -> int:
    """Delete up to ``limit`` events that happened before the moment, the oldest first; return how many."""
    return _execute(EVENTS, {"before": moment, "limit": limit})


def remove_roll_ups_before(day: date, *, limit: int) -> int:
    """Delete up to ``limit`` rows of each roll-up of days before this one; return how many. Needs a transaction."""
    lock_rollups()
    _execute(FIRST_DAYS, {"day": day, "kind": DayBitmap.Kind.ROOT.value})
    return sum(_execute(statement, {"day": day, "limit": limit}) for statement in (PERSON_DAYS, BITMAPS))


def _execute(statement: str, params: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)
