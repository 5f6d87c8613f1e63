"""Merges logged events into person-days, and keeps each person's first event ever."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection

from engage_server.activity.models import DayBitmap
from engage_server.activity.rollups.persons import Suspect

# The events of the claimed batches, each with its day and its account: the one it names, else that of the stay.
RESOLVED: Final = """
    SELECT (event.at AT TIME ZONE %(zone)s)::date AS day, event.person,
           COALESCE(event.account, stay.account, 0) AS account, event.account IS NOT NULL AS is_named,
           event.name, event.at, delta.sign
    FROM activity_eventdelta delta
    CROSS JOIN LATERAL unnest(delta.persons, delta.accounts, delta.names, delta.times)
        AS event (person, account, name, at)
    JOIN activity_personstate state ON state.person = event.person
    LEFT JOIN LATERAL (
        SELECT one.account
        FROM unnest(state.stay_accounts, state.stay_starts, state.stay_ends)
            WITH ORDINALITY AS one (account, starts_at, ends_at, place)
        WHERE event.account IS NULL AND one.starts_at <= event.at
          AND (one.ends_at IS NULL OR one.ends_at > event.at)
        ORDER BY one.place LIMIT 1) stay ON true
    WHERE delta.id = ANY(%(claim)s)
"""
# Without removals nothing cancels out, and the counting can be left out.
ALL_KEPT: Final = "SELECT * FROM signed"
CANCELLED: Final = """
    SELECT net.* FROM (
        SELECT day, person, account, is_named, name, at, sum(sign)::int AS sign
        FROM signed GROUP BY day, person, account, is_named, name, at) net
    CROSS JOIN LATERAL generate_series(1, net.sign)
"""
EMPTIED: Final = """
    , emptied AS (
        DELETE FROM activity_personday day USING touched
        WHERE (day.day, day.person, day.account, day.is_named)
            = (touched.day, touched.person, touched.account, touched.is_named)
          AND NOT EXISTS (
            SELECT FROM fresh
            WHERE (fresh.day, fresh.person, fresh.account, fresh.is_named)
                = (touched.day, touched.person, touched.account, touched.is_named))
    )
"""
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
    kept AS ({{kept}}),
    fresh AS (
        SELECT day, person, account, is_named,
               count(DISTINCT date_bin('1 minute', at, timestamptz 'epoch')) AS active_minutes,
               array_agg(name ORDER BY at, name) AS names, array_agg(at ORDER BY at, name) AS times
        FROM kept GROUP BY day, person, account, is_named
    )
    {{emptied}}
    INSERT INTO activity_personday (day, person, account, is_named, active_minutes, names, times)
    SELECT day, person, account, is_named, active_minutes, names, times FROM fresh ORDER BY day, person
    ON CONFLICT (day, person, account, is_named) DO UPDATE
    SET active_minutes = EXCLUDED.active_minutes, names = EXCLUDED.names, times = EXCLUDED.times
"""
EARLIER: Final = """
    UPDATE activity_personstate state SET first_at = new.at
    FROM (
        SELECT event.person, min(event.at) AS at
        FROM activity_eventdelta delta CROSS JOIN LATERAL unnest(delta.persons, delta.times) AS event (person, at)
        WHERE delta.id = ANY(%(claim)s) AND delta.sign > 0 GROUP BY event.person) new
    WHERE state.person = new.person AND (state.first_at IS NULL OR state.first_at > new.at)
"""
LATER: Final = """
    UPDATE activity_personstate state
    SET first_at = (SELECT min(day.times[1]) FROM activity_personday day WHERE day.person = state.person)
    WHERE state.person IN (
        SELECT unnest(persons) FROM activity_eventdelta WHERE id = ANY(%(claim)s) AND sign < 0)
"""
REMOVED_FROM: Final = f"""
    SELECT DISTINCT subject.kind, subject.id, event.day
    FROM ({RESOLVED}) event JOIN activity_personstate state USING (person)
    CROSS JOIN LATERAL (VALUES (0, state.root), (1, event.account)) AS subject (kind, id)
    WHERE event.sign < 0
"""


def merge_events(claim: Sequence[int], *, zone: str, removals: bool) -> set[Suspect]:
    """Merge the claimed batches into the person-days; return the days from which events were taken away.

    Args:
        claim: ids of batches whose persons' states are up to date.
        zone: the tenant's calendar.
        removals: whether a batch takes events away; each has to be there, by person, account, name and time.
    """
    params: Mapping[str, Any] = {"claim": list(claim), "zone": zone}
    suspects: set[Suspect] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            MERGE.format(kept=CANCELLED if removals else ALL_KEPT, emptied=EMPTIED if removals else ""),
            params,
        )
        cursor.execute(EARLIER, params)
        if removals:
            cursor.execute(LATER, params)
            cursor.execute(REMOVED_FROM, params)
            suspects = {(DayBitmap.Kind(kind), subject, day) for kind, subject, day in cursor.fetchall()}
    return suspects
