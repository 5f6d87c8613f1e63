"""Events that came in a moment ago, a bounded sample of them: what those who watch are told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from engage_server.customers.inputs import COUNTED, WITH_CANONICAL

# Events of the last minutes are looked at, the newest of them: what comes late is not what happens now.
LOOK_BACK_S: Final = 120
MOST_EVENTS: Final = 100
# As in a timeline: of live sources alone, and of nobody who is excluded or suppressed.
RECENT: Final = f"""
    SELECT source.name, event.message_id, name.name, event.account_id, event.person_id, event.occurred_at,
        event.received_at, event.properties
    FROM (
        SELECT event.* FROM activity_event AS event
        JOIN activity_source AS live ON live.id = event.source_id AND live.environment = 'LIVE'
        {WITH_CANONICAL.format(table="event")}
        WHERE event.occurred_at > clock_timestamp() - make_interval(secs => %s)
          AND {COUNTED} AND NOT (COALESCE(person.is_suppressed, false) OR COALESCE(canonical.is_suppressed, false))
        ORDER BY event.occurred_at DESC LIMIT %s) event
    JOIN activity_source source ON source.id = event.source_id
    JOIN activity_eventname name ON name.id = event.name_id
    ORDER BY event.received_at, event.occurred_at
"""  # noqa: S608  # constants of ours


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """A stored event; ``account_id`` and ``person_id`` are rows of the tenant, null where the event names none."""

    source: str
    message_id: str
    name: str
    account_id: int | None
    person_id: int | None
    occurred_at: datetime
    received_at: datetime
    properties: Mapping[str, Any]


def recent_events() -> Sequence[RecentEvent]:
    """The newest events of the last two minutes, at most MOST_EVENTS, the oldest first; inside a tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(RECENT, [LOOK_BACK_S, MOST_EVENTS])
        return [
            RecentEvent(
                source, message_id, name, account, person, occurred_at, received_at, json.loads(properties)
            )
            for source, message_id, name, account, person, occurred_at, received_at, properties in cursor
        ]
