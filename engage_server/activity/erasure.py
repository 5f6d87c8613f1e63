"""Removes persons' events, and what the roll-ups remember of persons who are gone. Inside the tenant's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection

from engage_server.activity.rollups.deltas import LOG_DELETED
from engage_server.activity.rollups.freshness import require_current
from engage_server.tenancy.scope import current_tenant

# There is no index by person, which every event would pay for: a batch is found by reading the table.
REMOVE: Final = f"""
    WITH gone AS (
        DELETE FROM activity_event
        WHERE (source_id, message_id) IN (
            SELECT source_id, message_id FROM activity_event WHERE person_id = ANY(%(persons)s) LIMIT %(limit)s)
        RETURNING person_id, account_id, name_id, occurred_at
    ),
    logged AS ({LOG_DELETED})
    SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, count(*) FROM gone GROUP BY day
"""  # noqa: S608  # LOG_DELETED is a constant
FORGET: Final = "DELETE FROM activity_personstate WHERE person = ANY(%(persons)s)"


@dataclass(frozen=True, slots=True)
class Removed:
    """How many events were removed, and the days of the tenant's calendar that they were of."""

    events: int
    days: tuple[date, ...]


def remove_events_of(persons: Sequence[int], *, limit: int) -> Removed:
    """Delete up to ``limit`` events of these stored persons and say so in the log; none where none are left."""
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, {"persons": list(persons), "limit": limit, "zone": current_tenant().timezone})
        rows = cursor.fetchall()
    return Removed(sum(count for _, count in rows), tuple(sorted(day for day, _ in rows)))


def forget_persons(persons: Sequence[int]) -> int:
    """Delete what the roll-ups know of removed persons, who are in none of them any more; return how many states.

    Inside ``current_rollups()``, entered once their events and rows were deleted and both was logged.
    """
    require_current()
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"persons": list(persons)})
        return int(cursor.rowcount)
