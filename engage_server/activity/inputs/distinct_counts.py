"""Answers the inputs that only count persons and accounts, from bitmaps."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from django.db import connection

from engage_server.activity.inputs.person_activity import window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.models import CHUNK, DayBitmap
from engage_server.activity.rolling_counts import count_rolling
from engage_server.activity.rollups.bitmaps import ANY_EVENT
from engage_server.customers.frames import query_frame
from engage_server.sdk import ActiveSeries, FeatureReach, Window

ROOT: Final = DayBitmap.Kind.ROOT.value
ACCOUNT: Final = DayBitmap.Kind.ACCOUNT.value
SET_BYTES: Final = CHUNK // 8
# A million persons: 16 MB for a window of a month on each day of a quarter.
CHUNKS_AT_ONCE: Final = 256
# Null, which equals nothing, where no such event was ever seen.
WANTED_EVENT: Final = f"""
    (SELECT CASE WHEN %(event)s::text IS NULL THEN {ANY_EVENT}
                 ELSE (SELECT id FROM activity_eventname WHERE name = %(event)s) END)
"""


# Of each chunk its sets, day by day: bit_send puts the number of bits, in four bytes, before them.
DAILY_SETS: Final = f"""
    SELECT kind, array_agg(day - %(first)s::date + %(before)s::int ORDER BY day),
           string_agg(substr(bit_send(bits), 5), ''::bytea ORDER BY day)
    FROM activity_daybitmap
    WHERE kind IN ({ROOT}, {ACCOUNT}) AND event = {WANTED_EVENT}
      AND day BETWEEN %(first)s::date - %(before)s::int AND %(last)s
      AND chunk BETWEEN %(chunk)s AND %(last_chunk)s
    GROUP BY kind, chunk
"""
LAST_CHUNK: Final = f"""
    SELECT COALESCE(max(chunk), -1) FROM activity_daybitmap
    WHERE kind IN ({ROOT}, {ACCOUNT}) AND event = {WANTED_EVENT}
      AND day BETWEEN %(first)s::date - %(before)s::int AND %(last)s
"""
# Windows of one day overlap nobody's: their bits are counted where they lie.
DAILY_COUNTS: Final = f"""
    SELECT asked.day::date,
           COALESCE(sum(bit_count(map.bits)) FILTER (WHERE map.kind = {ROOT}), 0)::bigint,
           COALESCE(sum(bit_count(map.bits)) FILTER (WHERE map.kind = {ACCOUNT}), 0)::bigint
    FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') AS asked (day)
    LEFT JOIN activity_daybitmap map
        ON map.day = asked.day::date AND map.kind IN ({ROOT}, {ACCOUNT}) AND map.event = {WANTED_EVENT}
    GROUP BY asked.day ORDER BY asked.day
"""


@resolves(ActiveSeries)
def _active_series(spec: ActiveSeries, window: Window) -> pl.DataFrame:
    edges = window_days(spec, window)
    params: Mapping[str, Any] = {**edges, "before": spec.trailing - 1, "event": spec.event}
    if spec.trailing == 1:
        return query_frame(spec, DAILY_COUNTS, params)
    with connection.cursor() as cursor:
        cursor.execute(LAST_CHUNK, params)
        (last_chunk,) = cursor.fetchone()
    counts = _Counts(spec)
    for chunk in range(0, last_chunk + 1, CHUNKS_AT_ONCE):
        counts.add(DAILY_SETS, {**params, "chunk": chunk, "last_chunk": chunk + CHUNKS_AT_ONCE - 1})
    return counts.frame(edges["first"])


def rolling_frame(
    spec: ActiveSeries, window: Window, statement: str, params: Mapping[str, Any]
) -> pl.DataFrame:
    """The answer from a statement that gives sets as ``DAILY_SETS`` does."""
    counts = _Counts(spec)
    counts.add(statement, params)
    return counts.frame(window_days(spec, window)["first"])


class _Counts:
    """How many persons and accounts were active, as the sets of one chunk after the other are counted."""

    def __init__(self, spec: ActiveSeries) -> None:
        self._spec = spec
        self._counts = {ROOT: [0] * spec.days, ACCOUNT: [0] * spec.days}

    def add(self, statement: str, params: Mapping[str, Any]) -> None:
        """Count what the statement gives."""
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            for kind, days, sets in cursor.fetchall():
                found = count_rolling(
                    _by_day(days, sets), trailing=self._spec.trailing, number=self._spec.days
                )
                known = self._counts[kind]
                self._counts[kind] = [one + more for one, more in zip(known, found, strict=True)]

    def frame(self, first: date) -> pl.DataFrame:
        """The answer, from the first day on."""
        asked = [first + timedelta(days=later) for later in range(self._spec.days)]
        columns: Sequence[Sequence[Any]] = (asked, self._counts[ROOT], self._counts[ACCOUNT])
        answers = zip(self._spec.columns.items(), columns, strict=True)
        return pl.DataFrame([pl.Series(name, values, dtype=kind) for (name, kind), values in answers])


def _by_day(days: Sequence[int], sets: bytes) -> dict[int, int]:
    return {
        day: int.from_bytes(sets[place * SET_BYTES : (place + 1) * SET_BYTES])
        for place, day in enumerate(days)
    }


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
    return query_frame(spec, statement, window_days(spec, window))
