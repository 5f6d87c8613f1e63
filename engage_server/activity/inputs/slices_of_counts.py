"""Answers the inputs that only count persons and accounts for slices.

Bitmaps tell persons and accounts apart and not who was active where. So a slice of persons is cut from them by an AND
where persons alone are counted; everything else is counted from the person-days of the slice.
"""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from engage_server.activity.inputs.distinct_counts import ACCOUNT, ROOT, WANTED_EVENT, rolling_frame
from engage_server.activity.inputs.first_events import FIRST_EVER as FIRST_EVENTS
from engage_server.activity.inputs.person_activity import window_days
from engage_server.activity.inputs.sliced_statements import restricted, restricted_frame
from engage_server.activity.models import CHUNK
from engage_server.activity.rollups.bitmaps import FIRST_EVER, NO_BITS
from engage_server.activity.rollups.freshness import require_current
from engage_server.customers.frames import query_frame
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.inputs import window_start
from engage_server.customers.slicers import Frames, slices
from engage_server.customers.slices import WHOLE, Slice, sliced_by
from engage_server.sdk import ActiveSeries, Retention, Window

# The same sets as ``DAILY_SETS`` reads, made of the person-days.
SETS_OF_DAYS: Final = f"""
    WITH active AS (
        SELECT DISTINCT day.day, state.root, day.account
        FROM activity_personday day JOIN activity_personstate state ON state.person = day.person AND state.is_counted
        WHERE day.day BETWEEN %(first)s::date - %(before)s::int AND %(last)s
          AND (%(event)s::text IS NULL OR day.names @> ARRAY[{WANTED_EVENT}])
    ),
    mark AS (
        SELECT DISTINCT {ROOT} AS kind, day, root AS id FROM active
        UNION ALL SELECT DISTINCT {ACCOUNT}, day, account FROM active WHERE account <> 0
    ),
    map AS (
        SELECT kind, day, id / {CHUNK} AS chunk, bit_or(set_bit({NO_BITS}, id %% {CHUNK}, 1)) AS bits
        FROM mark GROUP BY kind, day, id / {CHUNK}
    )
    SELECT kind, array_agg(day - %(first)s::date + %(before)s::int ORDER BY day),
           string_agg(substr(bit_send(bits), 5), ''::bytea ORDER BY day)
    FROM map GROUP BY kind, chunk
"""
RETENTION_OF_PERSONS: Final = f"""
    WITH chosen AS (
        SELECT id / {CHUNK} AS chunk, bit_or(set_bit({NO_BITS}, id %% {CHUNK}, 1)) AS bits
        FROM unnest(%(sliced_persons)s::int[]) AS one (id) GROUP BY 1
    ),
    born AS (
        SELECT map.day, map.chunk, map.bits & chosen.bits AS bits
        FROM activity_daybitmap map JOIN chosen USING (chunk)
        WHERE map.kind = {ROOT} AND map.event = {FIRST_EVER} AND map.day BETWEEN %(first)s AND %(last)s
    )
    SELECT date_trunc(%(cohort)s, born.day::timestamp)::date, asked.days,
           sum(bit_count(born.bits))::bigint,
           COALESCE(sum(bit_count(born.bits)) FILTER (WHERE born.day + asked.days <= %(last)s), 0)::bigint,
           COALESCE(sum(bit_count(born.bits & again.bits)), 0)::bigint
    FROM born CROSS JOIN unnest(%(offsets)s::int[]) AS asked (days)
    LEFT JOIN activity_daybitmap again
        ON again.kind = {ROOT} AND again.event = {WANTED_EVENT} AND again.day = born.day + asked.days
        AND again.day <= %(last)s AND again.chunk = born.chunk
    GROUP BY 1, 2 HAVING sum(bit_count(born.bits)) > 0
"""
# Born is who did the first event ever in one of the accounts, back who did something in one of them.
RETENTION_OF_ACCOUNTS: Final = f"""
    WITH first_event AS ({FIRST_EVENTS}),
    born AS (SELECT person, (at AT TIME ZONE %(zone)s)::date AS day FROM first_event)
    SELECT date_trunc(%(cohort)s, born.day::timestamp)::date, asked.days,
           count(*), count(*) FILTER (WHERE born.day + asked.days <= %(last)s),
           count(*) FILTER (WHERE born.day + asked.days <= %(last)s AND EXISTS (
               SELECT FROM activity_personstate state
               JOIN activity_personday day ON day.person = state.person AND day.day = born.day + asked.days
               WHERE state.root = born.person AND state.is_counted
                 AND (%(event)s::text IS NULL OR day.names @> ARRAY[{WANTED_EVENT}])))
    FROM born CROSS JOIN unnest(%(offsets)s::int[]) AS asked (days)
    GROUP BY 1, 2
"""


@slices(ActiveSeries)
def _active_series_of_slices(spec: ActiveSeries, window: Window, parts: Sequence[Slice]) -> Frames:
    require_current()
    params = {**window_days(spec, window), "before": spec.trailing - 1, "event": spec.event}
    frames = []
    for part in parts:
        with sliced_by(part):
            frames.append(rolling_frame(spec, window, *restricted(SETS_OF_DAYS, params)))
    return frames


@slices(Retention)
def _retention_of_slices(spec: Retention, window: Window, parts: Sequence[Slice]) -> Frames:
    require_current()
    return [_retention(spec, window, part) for part in parts]


def _retention(spec: Retention, window: Window, part: Slice) -> pl.DataFrame:
    if part == WHOLE:
        return RESOLVERS[Retention](spec, window)
    params: dict[str, Any] = {
        **window_days(spec, window),
        "cohort": spec.cohort,
        "offsets": list(spec.offsets),
        "event": spec.event,
    }
    if part.accounts is None:
        persons = sorted(part.persons or ())
        return query_frame(spec, RETENTION_OF_PERSONS, {**params, "sliced_persons": persons})
    instants = {
        "start": window_start(spec, window),
        "end": window.end,
        "zone": window.timezone,
        "settling": 0,
    }
    with sliced_by(part):
        return restricted_frame(spec, RETENTION_OF_ACCOUNTS, {**params, **instants})
