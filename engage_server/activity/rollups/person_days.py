"""Adds logged events to person-days, each person's first event ever and the bitmaps: one statement a claim."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from engage_server.activity.rollups.bitmaps import ADD_MISSING, GROW, PACKED, marks

# The events of the claimed batches, each with its day and its account: the one it names, else that of the stay.
RESOLVED: Final = """
    SELECT (event.at AT TIME ZONE %(zone)s)::date AS day, event.person,
           COALESCE(event.account, (
               SELECT period.account
               FROM activity_personstate state
               CROSS JOIN LATERAL unnest(state.stay_accounts, state.stay_starts, state.stay_ends)
                   WITH ORDINALITY AS period (account, starts_at, ends_at, place)
               WHERE state.person = event.person AND period.starts_at <= event.at
                 AND (period.ends_at IS NULL OR period.ends_at > event.at)
               ORDER BY period.place LIMIT 1), 0) AS account,
           event.account IS NOT NULL AS is_named, event.name, event.at, event.sign
    FROM (
        SELECT unnest(persons) AS person, unnest(accounts) AS account, unnest(names) AS name, unnest(times) AS at, sign
        FROM activity_eventdelta WHERE id = ANY(%(claim)s)) event
"""
# Minutes are counted along the order that the arrays need anyhow: to count distinct ones would sort once more.
FRESH: Final = f"""
    SELECT day, person, account, is_named,
           count(*) FILTER (WHERE minute IS DISTINCT FROM minute_before) AS active_minutes,
           array_agg(name ORDER BY at, name) AS names, array_agg(at ORDER BY at, name) AS times
    FROM (
        SELECT *, lag(minute) OVER (PARTITION BY person, day, account, is_named ORDER BY at, name) AS minute_before
        FROM (
            SELECT *, date_bin('1 minute', at, timestamptz 'epoch') AS minute FROM ({RESOLVED}) resolved) timed) spaced
    GROUP BY person, day, account, is_named
"""
# A day of very many events is kept in parts, one after the other in time, so that what comes to it rewrites the last one
# alone. A part of so many events is still kept in its row and not beside the table. A minute counts in the part in which
# it begins.
FULL = 128
SAME_MINUTE: Final = (
    "(date_bin('1 minute', {0}, timestamptz 'epoch') = date_bin('1 minute', {1}, timestamptz 'epoch'))::int"
)
IN_ORDER: Final = "fresh.last_at < fresh.times[1]"
HAS_ROOM: Final = "fresh.size + cardinality(fresh.times) <= %(full)s"
# Events that come before others of their day are sorted into the parts from theirs on, which become one.
LATE: Final = f"""
    overlapping AS MATERIALIZED (
        SELECT stored.*
        FROM fresh JOIN activity_personday stored USING (day, person, account, is_named)
        WHERE NOT {IN_ORDER} AND stored.times[cardinality(stored.times)] >= fresh.times[1]
    ),
    whole AS MATERIALIZED (
        SELECT day, person, account, is_named, min(part) AS part,
               count(DISTINCT date_bin('1 minute', at, timestamptz 'epoch')) AS active_minutes,
               array_agg(name ORDER BY at, name) AS names, array_agg(at ORDER BY at, name) AS times
        FROM (
            SELECT day, person, account, is_named, part, unnest(names) AS name, unnest(times) AS at FROM overlapping
            UNION ALL
            SELECT day, person, account, is_named, part, unnest(names), unnest(times)
            FROM fresh WHERE NOT {IN_ORDER}) event
        GROUP BY day, person, account, is_named
    ),
    absorbed AS (
        DELETE FROM activity_personday gone USING overlapping JOIN whole USING (day, person, account, is_named)
        WHERE (gone.day, gone.person, gone.account, gone.is_named, gone.part)
            = (overlapping.day, overlapping.person, overlapping.account, overlapping.is_named, overlapping.part)
          AND overlapping.part > whole.part
    ),
    sorted AS (
        UPDATE activity_personday day SET
            active_minutes = whole.active_minutes - COALESCE((
                SELECT {SAME_MINUTE.format("former.times[cardinality(former.times)]", "whole.times[1]")}
                FROM activity_personday former
                WHERE (former.day, former.person, former.account, former.is_named, former.part)
                    = (whole.day, whole.person, whole.account, whole.is_named, whole.part - 1)), 0),
            names = whole.names, times = whole.times
        FROM whole
        WHERE (day.day, day.person, day.account, day.is_named, day.part)
            = (whole.day, whole.person, whole.account, whole.is_named, whole.part)
    )
"""
ADD: Final = f"""
    WITH fresh AS MATERIALIZED (
        SELECT one.*, tail.part, tail.size, tail.last_at
        FROM ({FRESH}) one LEFT JOIN LATERAL (
            SELECT stored.part, cardinality(stored.times) AS size,
                   stored.times[cardinality(stored.times)] AS last_at
            FROM activity_personday stored
            WHERE (stored.day, stored.person, stored.account, stored.is_named)
                = (one.day, one.person, one.account, one.is_named)
            ORDER BY stored.part DESC LIMIT 1) tail ON true
    ),
    added AS (
        INSERT INTO activity_personday (day, person, account, is_named, part, active_minutes, names, times)
        SELECT day, person, account, is_named, COALESCE(part + 1, 0),
               active_minutes - COALESCE({SAME_MINUTE.format("last_at", "times[1]")}, 0), names, times
        FROM fresh WHERE part IS NULL OR {IN_ORDER} AND NOT {HAS_ROOM}
        ORDER BY day, person
    ),
    lengthened AS (
        UPDATE activity_personday day SET
            active_minutes = day.active_minutes + fresh.active_minutes
                             - {SAME_MINUTE.format("fresh.last_at", "fresh.times[1]")},
            names = day.names || fresh.names, times = day.times || fresh.times
        FROM fresh
        WHERE (day.day, day.person, day.account, day.is_named, day.part)
            = (fresh.day, fresh.person, fresh.account, fresh.is_named, fresh.part) AND {IN_ORDER} AND {HAS_ROOM}
    ),
    {LATE},
    known AS MATERIALIZED (
        SELECT person.person, person.at, state.root, state.is_counted, state.first_at
        FROM (SELECT person, min(times[1]) AS at FROM fresh GROUP BY person) person
        JOIN activity_personstate state USING (person)
    ),
    earlier AS (
        UPDATE activity_personstate state SET first_at = known.at FROM known
        WHERE state.person = known.person AND (known.first_at IS NULL OR known.first_at > known.at)
        RETURNING state.root
    ),
    visit AS MATERIALIZED (
        SELECT fresh.day, known.root, fresh.account, fresh.names FROM fresh JOIN known USING (person)
        WHERE known.is_counted
    ),
    event AS MATERIALIZED (
        SELECT DISTINCT day, root, account, unnest(names) AS name FROM visit
    ),
    mark AS ({marks(events="event", visits="visit")}),
    {GROW.format(packed=PACKED.format(marks="mark"))},
    bit AS ({ADD_MISSING})
    SELECT DISTINCT root FROM earlier
"""


def add_events(claim: Sequence[int], *, zone: str) -> set[int]:
    """Merge the claimed batches, none of which takes events away.

    Return the canonical persons whose first event may be another.

    Args:
        claim: ids of batches whose persons' states are up to date.
        zone: the tenant's calendar.
    """
    with connection.cursor() as cursor:
        cursor.execute(ADD, {"claim": list(claim), "zone": zone, "full": FULL})
        return {person for (person,) in cursor.fetchall()}
