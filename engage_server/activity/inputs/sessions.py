"""Answers the input about sessions: they are cut from person-days when asked for, and stored nowhere."""

from bisect import bisect_right
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from engage_server.activity.inputs.event_arrays import read_arrays
from engage_server.activity.inputs.person_activity import PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted
from engage_server.customers.inputs import in_utc
from engage_server.customers.slicers import slice_statements
from engage_server.sdk import Sessions, Window

LONGEST_IDLE_MINUTES: Final = 720  # well below the shortest day, so that no pause spans one

# How far back a person's unbroken activity may reach across the midnight that the window begins with, day by day. LIMIT and
# OFFSET keep the planner from joining whole tables, for it expects many times the few that reach so far.
REACH: Final = """
    WITH RECURSIVE reach (person, day) AS (
        SELECT DISTINCT state.root, %(first)s::date
        FROM activity_personday day JOIN activity_personstate state USING (person)
        WHERE day.day = %(first)s AND state.is_counted
        UNION
        SELECT reach.person, reach.day - 1
        FROM reach JOIN activity_personstate state ON state.root = reach.person AND state.is_counted
        CROSS JOIN LATERAL (
            SELECT FROM activity_personday day
            WHERE day.day = reach.day - 1 AND day.person = state.person
              AND day.times[cardinality(day.times)] >= (reach.day::timestamp AT TIME ZONE %(zone)s) - %(idle)s
            LIMIT 1) late
    )
"""
DAYS: Final = f"""
    {PERSON_DAYS}
    UNION ALL
    SELECT reach.person, day.account, day.day, day.active_minutes, day.names, day.times
    FROM reach JOIN activity_personstate state ON state.root = reach.person AND state.is_counted
    CROSS JOIN LATERAL (
        SELECT * FROM activity_personday day WHERE day.day = reach.day AND day.person = state.person OFFSET 0) day
    WHERE reach.day < %(first)s
"""


@resolves(Sessions)
def _sessions(spec: Sessions, window: Window) -> pl.DataFrame:
    if not 1 <= spec.idle_minutes <= LONGEST_IDLE_MINUTES or spec.max_hours < 1:
        raise ValueError(
            f"Sessions(idle_minutes={spec.idle_minutes}, max_hours={spec.max_hours}) is out of range. "
            f"Remedy: 1 to {LONGEST_IDLE_MINUTES} minutes and at least 1 hour."
        )
    idle = timedelta(minutes=spec.idle_minutes)
    params = {**window_days(spec, window), "zone": window.timezone, "idle": idle}
    statement, params = restricted(REACH + DAYS, params)
    events = _in_order(read_arrays(statement, params, with_names=False))
    found = _cut(events, idle=idle, longest=timedelta(hours=spec.max_hours))
    started = found.filter(pl.col("started_at") >= in_utc(spec, window)[0])
    return started.select([pl.col(name).cast(kind) for name, kind in spec.columns.items()])


def _in_order(events: pl.DataFrame) -> pl.DataFrame:
    """The events person by person in order of time and account: where person-days overlap, they are sorted."""
    is_same = pl.col("person") == pl.col("person").shift()
    is_late = pl.col("at") > pl.col("at").shift()
    is_joint = pl.col("account").eq_missing(pl.col("account").shift())
    jumps = is_same & ~is_late & ~(is_joint & (pl.col("at") == pl.col("at").shift()))
    mixed = events.filter(jumps).select("person").unique()
    if mixed.is_empty():
        return events
    others = events.join(mixed, on="person", how="semi").sort("person", "at", "account", nulls_last=True)
    return pl.concat([events.join(mixed, on="person", how="anti", maintain_order="left"), others])


def _cut(events: pl.DataFrame, *, idle: timedelta, longest: timedelta) -> pl.DataFrame:
    """The sessions of events that stand person by person in order of time."""
    begins = (pl.col("person") != pl.col("person").shift()) | (pl.col("at").diff() > idle)
    first = events.select(begins.fill_null(True).arg_true()).to_series()
    stretches = _spans(events, first)
    long = stretches.filter(pl.col("seconds") > longest.total_seconds())
    if long.height:
        more = [
            start + place
            for start, number in long.select("first", "events").iter_rows()
            for place in _later_cuts(events["at"].slice(start, number).to_list(), longest)
        ]
        stretches = _spans(events, pl.concat([first, pl.Series(more, dtype=first.dtype)]).sort())
    return stretches


def _spans(events: pl.DataFrame, first: pl.Series) -> pl.DataFrame:
    """The stretches of events that begin with these rows."""
    past = pl.concat([first.slice(1), pl.Series([events.height], dtype=first.dtype)]).slice(0, len(first))
    started, ended = events["at"].gather(first), events["at"].gather(past - 1)
    return pl.DataFrame(
        {
            "first": first,
            "person": events["person"].gather(first),
            "account": events["account"].gather(first),
            "started_at": started,
            "seconds": (ended - started).dt.total_microseconds() / 1e6,
            "events": past - first,
        }
    )


def _later_cuts(times: list[datetime], longest: timedelta) -> list[int]:
    """Where a stretch is longer than a session may be: the next begins with the first event after that."""
    cuts, begin = [], 0
    while (place := bisect_right(times, times[begin] + longest)) < len(times):
        cuts.append(place)
        begin = place
    return cuts


slice_statements(Sessions)
