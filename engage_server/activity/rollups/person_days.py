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
# Events that come after those of the day are put behind them, whatever their number; others are sorted in. The arrays
# of a full day lie outside its row, and each mention of them would fetch them again: so they are joined once, first.
JOINED: Final = """
    SELECT CASE WHEN whole.last_at < fresh.times[1] THEN
               day.active_minutes + fresh.active_minutes
               - (date_bin('1 minute', whole.last_at, timestamptz 'epoch')
                  = date_bin('1 minute', fresh.times[1], timestamptz 'epoch'))::int
           ELSE sorted.active_minutes END,
           COALESCE(sorted.names, whole.names), COALESCE(sorted.times, whole.times)
    FROM (
        SELECT names, times, times[cardinality(times) - cardinality(fresh.times)] AS last_at
        FROM (SELECT day.names || fresh.names AS names, day.times || fresh.times AS times OFFSET 0) joined) whole
    LEFT JOIN LATERAL (
        SELECT count(DISTINCT date_bin('1 minute', at, timestamptz 'epoch')) AS active_minutes,
               array_agg(name ORDER BY at, name) AS names, array_agg(at ORDER BY at, name) AS times
        FROM unnest(whole.names, whole.times) AS event (name, at)
        WHERE whole.last_at >= fresh.times[1] HAVING whole.last_at >= fresh.times[1]) sorted ON true
"""
ADD: Final = f"""
    WITH fresh AS MATERIALIZED (
        SELECT one.*, stored.ctid AS place
        FROM ({FRESH}) one LEFT JOIN activity_personday stored USING (day, person, account, is_named)
    ),
    added AS (
        INSERT INTO activity_personday (day, person, account, is_named, active_minutes, names, times)
        SELECT day, person, account, is_named, active_minutes, names, times FROM fresh WHERE place IS NULL
        ORDER BY day, person
    ),
    joined AS (
        UPDATE activity_personday day SET (active_minutes, names, times) = ({JOINED})
        FROM fresh WHERE day.ctid = fresh.place
    ),
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
        cursor.execute(ADD, {"claim": list(claim), "zone": zone})
        return {person for (person,) in cursor.fetchall()}
