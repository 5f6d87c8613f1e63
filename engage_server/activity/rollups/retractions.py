"""Merges logged batches some of which take events away: what was added and removed cancels out first."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection

from engage_server.activity.models import DayBitmap
from engage_server.activity.rollups.bitmaps import PACKED, SET, marks
from engage_server.activity.rollups.person_days import RESOLVED
from engage_server.activity.rollups.person_states import StaleCell

MERGE: Final = f"""
    WITH delta AS MATERIALIZED ({RESOLVED}),
    touched AS (SELECT DISTINCT day, person, account, is_named FROM delta),
    signed AS (
        SELECT * FROM delta
        UNION ALL
        SELECT day.day, day.person, day.account, day.is_named, event.name, event.at, 1
        FROM touched JOIN activity_personday day USING (day, person, account, is_named)
        CROSS JOIN LATERAL unnest(day.names, day.times) AS event (name, at)
    ),
    kept AS (
        SELECT net.* FROM (
            SELECT day, person, account, is_named, name, at, sum(sign)::int AS sign
            FROM signed GROUP BY day, person, account, is_named, name, at) net
        CROSS JOIN LATERAL generate_series(1, net.sign)
    ),
    fresh AS (
        SELECT day, person, account, is_named,
               count(DISTINCT date_bin('1 minute', at, timestamptz 'epoch')) AS active_minutes,
               array_agg(name ORDER BY at, name) AS names, array_agg(at ORDER BY at, name) AS times
        FROM kept GROUP BY day, person, account, is_named
    ),
    emptied AS (
        DELETE FROM activity_personday day USING touched
        WHERE (day.day, day.person, day.account, day.is_named)
            = (touched.day, touched.person, touched.account, touched.is_named)
          AND (day.part > 0 OR NOT EXISTS (
            SELECT FROM fresh
            WHERE (fresh.day, fresh.person, fresh.account, fresh.is_named)
                = (touched.day, touched.person, touched.account, touched.is_named)))
    )
    INSERT INTO activity_personday (day, person, account, is_named, part, active_minutes, names, times)
    SELECT day, person, account, is_named, 0, active_minutes, names, times FROM fresh ORDER BY day, person
    ON CONFLICT (day, person, account, is_named, part) DO UPDATE
    SET active_minutes = EXCLUDED.active_minutes, names = EXCLUDED.names, times = EXCLUDED.times
"""
# Only for those who lose events the first time may move on; for others, days that are no longer kept still count.
FIRST_TIMES: Final = """
    WITH touched AS (
        SELECT person, bool_or(sign < 0) AS loses
        FROM (SELECT unnest(persons) AS person, sign FROM activity_eventdelta WHERE id = ANY(%(claim)s)) logged
        GROUP BY person
    ),
    oldest AS (
        SELECT person, loses, (SELECT min(day.times[1]) FROM activity_personday day WHERE day.person = touched.person) AS at
        FROM touched
    )
    UPDATE activity_personstate state
    SET first_at = CASE WHEN oldest.loses THEN oldest.at ELSE LEAST(state.first_at, oldest.at) END
    FROM oldest WHERE state.person = oldest.person
    RETURNING state.root
"""
SET_NEW: Final = f"""
    WITH event AS MATERIALIZED (
        SELECT DISTINCT event.day, state.root, event.account, event.name
        FROM ({RESOLVED}) event JOIN activity_personstate state USING (person)
        WHERE event.sign > 0 AND state.is_counted
    ),
    mark AS ({marks(events="event", visits="event")}),
    {SET.format(packed=PACKED.format(marks="mark"))}
"""
REMOVED_FROM: Final = f"""
    SELECT DISTINCT subject.kind, subject.id, event.day
    FROM ({RESOLVED}) event JOIN activity_personstate state USING (person)
    CROSS JOIN LATERAL (
        VALUES ({DayBitmap.Kind.ROOT}, state.root), ({DayBitmap.Kind.ACCOUNT}, event.account)) AS subject (kind, id)
    WHERE event.sign < 0
"""


def merge_events(claim: Sequence[int], *, zone: str) -> tuple[set[int], set[StaleCell]]:
    """Merge the claimed batches.

    Return the canonical persons whose first event may be another, and the days that lost events.

    Args:
        claim: ids of batches whose persons' states are up to date; each event that they take away has to be there,
            by person, account, name and time.
        zone: the tenant's calendar.
    """
    params: Mapping[str, Any] = {"claim": list(claim), "zone": zone}
    with connection.cursor() as cursor:
        cursor.execute(MERGE, params)
        cursor.execute(FIRST_TIMES, params)
        persons = {person for (person,) in cursor.fetchall()}
        cursor.execute(SET_NEW, params)
        cursor.execute(REMOVED_FROM, params)
        return persons, {(DayBitmap.Kind(kind), subject, day) for kind, subject, day in cursor.fetchall()}
