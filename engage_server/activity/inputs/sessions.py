"""Answers the input about sessions: they are cut from person-days when asked for, and stored nowhere."""

from datetime import timedelta
from typing import Final

import polars as pl

from engage_server.activity.inputs.person_activity import window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted_frame
from engage_server.customers.inputs import window_start
from engage_server.customers.slicers import slice_statements
from engage_server.sdk import Sessions, Window

LONGEST_IDLE_MINUTES: Final = 720  # well below the shortest day, so that no pause spans one

# How far back a person's unbroken activity may reach across the midnight that the window begins with, day by day.
REACH: Final = """
    reach (person, day) AS (
        SELECT DISTINCT state.root, %(first)s::date
        FROM activity_personday day JOIN activity_personstate state USING (person)
        WHERE day.day = %(first)s AND state.is_counted
        UNION
        SELECT reach.person, reach.day - 1
        FROM reach
        WHERE EXISTS (
            SELECT FROM activity_personstate state JOIN activity_personday day USING (person)
            WHERE state.root = reach.person AND state.is_counted AND day.day = reach.day - 1
              AND day.times[cardinality(day.times)] >= (reach.day::timestamp AT TIME ZONE %(zone)s) - %(idle)s)
    )
"""
# Where an unbroken stretch is longer than a session may be, the next one begins with the first event after that.
CUT: Final = """
    cut (person, stretch, at) AS (
        SELECT person, stretch, min(at) FROM stretch GROUP BY person, stretch HAVING max(at) - min(at) > %(longest)s
        UNION ALL
        SELECT cut.person, cut.stretch, later.at
        FROM cut CROSS JOIN LATERAL (
            SELECT stretch.at FROM stretch
            WHERE (stretch.person, stretch.stretch) = (cut.person, cut.stretch) AND stretch.at > cut.at + %(longest)s
            ORDER BY stretch.at LIMIT 1) later
    )
"""
# Events of one moment are counted together: in what order they come is not sure, and one of them begins the session.
SESSIONS: Final = f"""
    WITH RECURSIVE {REACH},
    event AS (
        SELECT state.root AS person, NULLIF(day.account, 0) AS account, moment.at
        FROM activity_personday day JOIN activity_personstate state ON state.person = day.person AND state.is_counted
        CROSS JOIN LATERAL unnest(day.times) AS moment (at)
        WHERE day.day BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT reach.person, NULLIF(day.account, 0), moment.at
        FROM reach JOIN activity_personstate state ON state.root = reach.person AND state.is_counted
        JOIN activity_personday day ON day.person = state.person AND day.day = reach.day
        CROSS JOIN LATERAL unnest(day.times) AS moment (at)
        WHERE reach.day < %(first)s
    ),
    spaced AS (
        SELECT *, lag(at) OVER (PARTITION BY person ORDER BY at, account) AS before FROM event
    ),
    stretch AS MATERIALIZED (
        SELECT person, account, at, before,
               count(*) FILTER (WHERE at - before > %(idle)s)
                   OVER (PARTITION BY person ORDER BY at) AS stretch
        FROM spaced
    ),
    {CUT},
    numbered AS (
        SELECT stretch.person, stretch.account, stretch.at,
               count(*) FILTER (WHERE stretch.at - stretch.before > %(idle)s
                                   OR cut.at IS NOT NULL AND cut.at > stretch.before)
                   OVER (PARTITION BY stretch.person ORDER BY stretch.at) AS session
        FROM stretch LEFT JOIN cut ON (cut.person, cut.stretch, cut.at) = (stretch.person, stretch.stretch, stretch.at)
    )
    SELECT person, (array_agg(account ORDER BY at, account))[1], min(at),
           extract(epoch FROM max(at) - min(at))::float8, count(*)
    FROM numbered GROUP BY person, session HAVING min(at) >= %(start)s
"""


@resolves(Sessions)
def _sessions(spec: Sessions, window: Window) -> pl.DataFrame:
    if not 1 <= spec.idle_minutes <= LONGEST_IDLE_MINUTES or spec.max_hours < 1:
        raise ValueError(
            f"Sessions(idle_minutes={spec.idle_minutes}, max_hours={spec.max_hours}) is out of range. "
            f"Remedy: 1 to {LONGEST_IDLE_MINUTES} minutes and at least 1 hour."
        )
    params = {
        **window_days(spec, window),
        "start": window_start(spec, window),
        "zone": window.timezone,
        "idle": timedelta(minutes=spec.idle_minutes),
        "longest": timedelta(hours=spec.max_hours),
    }
    return restricted_frame(spec, SESSIONS, params)


slice_statements(Sessions)
