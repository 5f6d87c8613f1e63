"""Answers the inputs about when features came into use: by persons, and around releases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, Final

import polars as pl

from engage_server.activity.inputs.distinct_counts import ROOT
from engage_server.activity.inputs.event_arrays import read_arrays
from engage_server.activity.inputs.features import FEATURE, FEATURES, LISTED
from engage_server.activity.inputs.first_events import FIRST_EVER
from engage_server.activity.inputs.person_activity import PERSON_DAYS
from engage_server.activity.inputs.registration import resolves, resolves_range
from engage_server.activity.inputs.sliced_statements import restricted, restricted_frame
from engage_server.activity.rollups.bitmaps import ANY_EVENT
from engage_server.activity.rollups.freshness import require_current
from engage_server.customers.frames import query_columns, query_frame
from engage_server.customers.input_resolvers import Cut
from engage_server.customers.inputs import window_start
from engage_server.customers.slicers import Frames, rows_of, slices
from engage_server.customers.slices import WHOLE, Slice, sliced_by
from engage_server.sdk import Features, FirstSeen, FirstUses, ReleaseReach, Window

# Under no alias, so that a slice does not change who is new.
NEW: Final = """
    state.root IN (SELECT root FROM activity_personstate WHERE is_counted
                   GROUP BY root HAVING min(first_at) >= %(start)s AND min(first_at) < %(end)s)
"""
SIDES: Final = """
    released AS (
        SELECT id, name, released_on FROM activity_feature WHERE released_on BETWEEN %(since)s AND %(last)s
    ),
    side AS (
        SELECT id, released_on - %(side)s AS first, released_on - 1 AS last, false AS is_after FROM released
        UNION ALL
        SELECT id, released_on, LEAST(released_on + %(side)s - 1, %(last)s::date), true FROM released
    )
"""
NAMES: Final = "SELECT name.id FROM activity_eventname name WHERE name.feature_id = side.id"
# Columns id, is_after, active and users of some of the persons.
BITMAPS: Final = f"""
    SELECT side.id, side.is_after,
           bit_count(bit_or(map.bits) FILTER (WHERE map.event = {ANY_EVENT})) AS active,
           bit_count(bit_or(map.bits) FILTER (WHERE map.event <> {ANY_EVENT})) AS users
    FROM side JOIN activity_daybitmap map ON map.kind = {ROOT} AND map.day BETWEEN side.first AND side.last
        AND (map.event = {ANY_EVENT} OR map.event IN ({NAMES}))
    GROUP BY side.id, side.is_after, map.chunk
"""
OF_DAYS: Final = f"""
    SELECT side.id, side.is_after, count(DISTINCT day.person) AS active,
           count(DISTINCT day.person) FILTER (WHERE day.names && ARRAY({NAMES})) AS users
    FROM side JOIN ({PERSON_DAYS}) day ON day.day BETWEEN side.first AND side.last
    GROUP BY side.id, side.is_after
"""
AROUND: Final = f"""
    WITH {SIDES}, counted AS ({{counted}})
    SELECT released.id, released.name, released.released_on,
           LEAST(%(last)s::date - released.released_on + 1, %(side)s)::bigint,
           COALESCE(sum(users) FILTER (WHERE NOT is_after), 0)::bigint,
           COALESCE(sum(active) FILTER (WHERE NOT is_after), 0)::bigint,
           COALESCE(sum(users) FILTER (WHERE is_after), 0)::bigint,
           COALESCE(sum(active) FILTER (WHERE is_after), 0)::bigint
    FROM released LEFT JOIN counted USING (id) GROUP BY released.id, released.name, released.released_on
"""


@resolves(ReleaseReach)
def _release_reach(spec: ReleaseReach, window: Window) -> pl.DataFrame:
    return query_frame(spec, AROUND.format(counted=BITMAPS), _around(spec, window))


@slices(ReleaseReach)
def _release_reach_of_slices(spec: ReleaseReach, window: Window, parts: Sequence[Slice]) -> Frames:
    # Bitmaps do not tell who was active where.
    require_current()
    frames = []
    for part in parts:
        with sliced_by(part):
            frames.append(restricted_frame(spec, AROUND.format(counted=OF_DAYS), _around(spec, window)))
    return frames


def _around(spec: ReleaseReach, window: Window) -> dict[str, Any]:
    since = spec.first_day(window.day)
    first = since - timedelta(days=spec.side_days)
    return {"since": since, "first": first, "last": window.day, "side": spec.side_days}


@resolves(FirstUses)
def _first_uses(spec: FirstUses, window: Window) -> pl.DataFrame:
    return _answer(spec, window, WHOLE)


@slices(FirstUses)
def _first_uses_of_slices(spec: FirstUses, window: Window, parts: Sequence[Slice]) -> Frames:
    require_current()
    return [_answer(spec, window, part) for part in parts]


def _answer(spec: FirstUses, window: Window, part: Slice) -> pl.DataFrame:
    """Of who was new in the slice, by what they used in it."""
    read = _read(spec, [window], part)
    return _counted(spec, window, read)


@resolves_range(FirstUses)
def _first_uses_of_range(spec: FirstUses, windows: Sequence[Window]) -> Cut:
    read = _read(spec, windows, WHOLE)
    return lambda window: _counted(spec, window, read)


@dataclass(frozen=True, slots=True)
class _Starts:
    """Who was new, with the time ``born``; each one's first use ``at`` of each name; and the features ``since`` when."""

    born: pl.DataFrame
    uses: pl.DataFrame
    features: pl.DataFrame


def _read(spec: FirstUses, windows: Sequence[Window], part: Slice) -> _Starts:
    """What the windows are counted from, in three statements for all of them."""
    last = max(windows, key=lambda window: window.day)
    params = {
        "first": min(spec.first_day(window.day) for window in windows), "last": last.day,
        "start": min(window_start(spec, window) for window in windows), "end": last.end,
        "zone": last.timezone, "settling": 0,
    }  # fmt: skip
    seen = rows_of(
        query_columns(FirstSeen.columns, FIRST_EVER, params), part, account="account", person="person"
    )
    features = query_frame(Features(), LISTED, {"day": last.day, "zone": last.timezone}).select(
        "feature", "feature_name", since=pl.coalesce("released_on", "known_since")
    )
    names = query_columns(FEATURE, FEATURES, {}).select("name", "feature")
    with sliced_by(part):
        events = read_arrays(*restricted(f"{PERSON_DAYS} AND {NEW}", params), with_names=True)
    # Who uses something does so often: each name once for each person leaves little to join.
    uses = events.group_by("person", "name").agg(pl.col("at").min()).join(names, on="name")
    return _Starts(seen.select("person", born="first_at"), uses.select("person", "feature", "at"), features)


def _counted(spec: FirstUses, window: Window, read: _Starts) -> pl.DataFrame:
    """The rows of one of the windows: whoever is new in it used nothing before, so that the first uses are those in it."""
    start, end = window_start(spec, window).astimezone(UTC), window.end.astimezone(UTC)
    born = read.born.filter(pl.col("born").is_between(start, end, closed="left")).select(
        "person", born=_local_day("born", window)
    )
    features = read.features.filter(pl.col("since") <= window.day)
    eligible = pl.max_horizontal("born", "since")
    used = (
        read.uses.filter(pl.col("at") < end)
        .group_by("person", "feature")
        .agg(pl.col("at").min())
        .join(born, on="person")
        .join(features, on="feature")
        .select("feature", "feature_name", eligible=eligible, at=_local_day("at", window))
    )
    everybody = (
        born.group_by("born")
        .len("persons")
        .join(features, how="cross")
        .group_by("feature", "feature_name", eligible=eligible)
        .agg(pl.col("persons").sum().cast(pl.Int64))
    )
    counted = used.group_by("feature", "eligible").agg(users=pl.len().cast(pl.Int64))
    waiting = everybody.join(counted, on=["feature", "eligible"], how="left").select(
        "feature",
        "feature_name",
        days=(window.day - pl.col("eligible")).dt.total_days(),
        used=pl.lit(value=False),
        persons=pl.col("persons") - pl.col("users").fill_null(0),
    )
    took = (pl.col("at") - pl.col("eligible")).dt.total_days().clip(0)
    reached = (
        used.group_by("feature", "feature_name", days=took)
        .agg(persons=pl.len().cast(pl.Int64))
        .select("feature", "feature_name", "days", used=pl.lit(value=True), persons="persons")
    )
    together = pl.concat([reached, waiting.filter(pl.col("persons") > 0)])
    summed = together.group_by("feature", "feature_name", "days", "used").agg(pl.col("persons").sum())
    return summed.select(list(spec.columns))


def _local_day(column: str, window: Window) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(window.timezone).dt.date()
