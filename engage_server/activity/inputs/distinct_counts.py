"""Answers the inputs that only count persons and accounts, from bitmaps."""

from typing import Final

import polars as pl

from engage_server.activity.inputs.person_activity import trailing_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.models import DayBitmap
from engage_server.activity.rollups.bitmaps import ANY_EVENT, FIRST_EVER
from engage_server.customers.frames import query_frame
from engage_server.sdk import ActiveSeries, FeatureReach, Retention, Window

ROOT: Final = DayBitmap.Kind.ROOT.value
ACCOUNT: Final = DayBitmap.Kind.ACCOUNT.value
# Null, which equals nothing, where no such event was ever seen.
WANTED_EVENT: Final = f"""
    (SELECT CASE WHEN %(event)s::text IS NULL THEN {ANY_EVENT}
                 ELSE (SELECT id FROM activity_eventname WHERE name = %(event)s) END)
"""


@resolves(ActiveSeries)
def _active_series(spec: ActiveSeries, window: Window) -> pl.DataFrame:
    # Each bitmap is read once and goes to every asked day in whose window its own lies.
    statement = f"""
        WITH active AS (
            SELECT map.day + later.days AS day, map.kind, bit_count(bit_or(map.bits)) AS number
            FROM activity_daybitmap map CROSS JOIN generate_series(0, %(before)s::int) AS later (days)
            WHERE map.kind IN ({ROOT}, {ACCOUNT}) AND map.event = {WANTED_EVENT}
              AND map.day BETWEEN %(first)s::date - %(before)s::int AND %(last)s
              AND map.day + later.days BETWEEN %(first)s AND %(last)s
            GROUP BY map.day + later.days, map.kind, map.chunk
        )
        SELECT asked.day::date, COALESCE(sum(number) FILTER (WHERE kind = {ROOT}), 0)::bigint,
               COALESCE(sum(number) FILTER (WHERE kind = {ACCOUNT}), 0)::bigint
        FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') AS asked (day)
        LEFT JOIN active ON active.day = asked.day::date GROUP BY asked.day ORDER BY asked.day
    """
    params = {**trailing_days(window, spec.days), "before": spec.trailing - 1, "event": spec.event}
    return query_frame(spec, statement, params)


@resolves(Retention)
def _retention(spec: Retention, window: Window) -> pl.DataFrame:
    statement = f"""
        SELECT date_trunc(%(cohort)s, born.day::timestamp)::date, asked.days,
               sum(bit_count(born.bits))::bigint,
               COALESCE(sum(bit_count(born.bits)) FILTER (WHERE born.day + asked.days <= %(last)s), 0)::bigint,
               COALESCE(sum(bit_count(born.bits & again.bits)), 0)::bigint
        FROM activity_daybitmap born CROSS JOIN unnest(%(offsets)s::int[]) AS asked (days)
        LEFT JOIN activity_daybitmap again
            ON again.kind = {ROOT} AND again.event = {WANTED_EVENT} AND again.day = born.day + asked.days
            AND again.day <= %(last)s AND again.chunk = born.chunk
        WHERE born.kind = {ROOT} AND born.event = {FIRST_EVER} AND born.day BETWEEN %(first)s AND %(last)s
        GROUP BY 1, 2 HAVING sum(bit_count(born.bits)) > 0
    """
    params = {
        **trailing_days(window, spec.days),
        "cohort": spec.cohort,
        "offsets": list(spec.offsets),
        "event": spec.event,
    }
    return query_frame(spec, statement, params)


@resolves(FeatureReach)
def _feature_reach(spec: FeatureReach, window: Window) -> pl.DataFrame:
    statement = f"""
        WITH reach AS (
            SELECT name.feature_id, map.kind, bit_count(bit_or(map.bits)) AS number
            FROM activity_eventname name JOIN activity_daybitmap map
                ON map.kind IN ({ROOT}, {ACCOUNT}) AND map.event = name.id AND map.day BETWEEN %(first)s AND %(last)s
            GROUP BY name.feature_id, map.kind, map.chunk
        )
        SELECT feature.id, feature.name, COALESCE(sum(number) FILTER (WHERE kind = {ROOT}), 0)::bigint,
               COALESCE(sum(number) FILTER (WHERE kind = {ACCOUNT}), 0)::bigint
        FROM reach JOIN activity_feature feature ON feature.id = reach.feature_id
        GROUP BY feature.id, feature.name HAVING sum(number) > 0
    """
    return query_frame(spec, statement, trailing_days(window, spec.days))
