"""Answers the inputs about how far persons and accounts came since they began, from person-days: one statement each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from engage_server.activity.inputs.first_events import FIRST_EVER, FIRST_OF_NAME
from engage_server.activity.inputs.person_activity import NO_MERE_NOTICE, OF_CLASS, window_days
from engage_server.activity.inputs.registration import resolves, resolves_range
from engage_server.activity.inputs.sliced_statements import restricted, restricted_frame
from engage_server.customers.frames import Column, query_columns
from engage_server.customers.input_resolvers import Cut
from engage_server.customers.inputs import window_start
from engage_server.customers.slicers import Frames, rows_of, slice_rows, slices
from engage_server.customers.slices import Slice, sliced_by
from engage_server.sdk import ANY_VALUE, EventTotals, SignupActions, SignupDays, SignupMilestones, Window

# Each milestone by its place, with the ids of the names that count for it.
WANTED: Final = f"""
    SELECT milestone.place, milestone.times, name.id
    FROM unnest(%(milestones)s::text[], %(times)s::int[]) WITH ORDINALITY AS milestone (name, times, place)
    JOIN activity_eventname name ON CASE
        WHEN milestone.name = '{ANY_VALUE}' THEN name.event_class = 'VALUE' AND name.name IS DISTINCT FROM %(signup)s
        ELSE name.name = milestone.name END
"""
# What sign-ups did from then on, until the last day that is asked for.
AFTER_SIGNUP: Final = """
    signup JOIN activity_personstate state ON state.root = signup.person AND state.is_counted
    JOIN activity_personday day ON day.person = state.person
        AND day.day BETWEEN (signup.at AT TIME ZONE %(zone)s)::date AND %(last)s
    CROSS JOIN LATERAL unnest(day.names, day.times) AS event (name, at)
"""
DAILY: Final = f"""
    WITH wanted AS ({WANTED})
    SELECT day.account, wanted.place, day.day, count(*)
    FROM activity_personday day JOIN activity_personstate state ON state.person = day.person AND state.is_counted
    CROSS JOIN LATERAL unnest(day.names) AS event (name) JOIN wanted ON wanted.id = event.name
    WHERE day.day <= %(last)s AND day.account <> 0
      AND day.names && (SELECT COALESCE(array_agg(id), '{{}}') FROM wanted)
    GROUP BY day.account, wanted.place, day.day
"""
DAY: Final[Mapping[str, Column]] = {
    "account": pl.Int64,
    "milestone": pl.Int64,
    "day": pl.Date,
    "count": pl.Int64,
}


def _signups(spec: SignupMilestones | SignupDays | SignupActions) -> str:
    return FIRST_EVER if spec.signup_event is None else FIRST_OF_NAME


def _of_signups(spec: SignupMilestones | SignupDays | SignupActions, window: Window) -> dict[str, Any]:
    return {
        **window_days(spec, window),
        "start": window_start(spec, window),
        "end": window.end,
        "zone": window.timezone,
        "signup": spec.signup_event,
        "settling": spec.settling_days,
    }


def _of_milestones(spec: SignupMilestones | EventTotals) -> dict[str, Any]:
    if any(times < 1 for _, times in spec.milestones):
        raise ValueError(
            f"{spec!r} has a milestone that is reached before anything is done. Remedy: once at least."
        )
    return {
        "milestones": [name for name, _ in spec.milestones],
        "times": [times for _, times in spec.milestones],
    }


@resolves(SignupMilestones)
def _signup_milestones(spec: SignupMilestones, window: Window) -> pl.DataFrame:
    reached = "".join(
        f", max(reached.at) FILTER (WHERE reached.place = {place})"
        for place in range(1, len(spec.milestones) + 1)
    )
    statement = f"""
        WITH signup AS ({_signups(spec)}),
        wanted AS ({WANTED}),
        reached AS (
            SELECT signup.person, wanted.place, wanted.times, event.at,
                   row_number() OVER (PARTITION BY signup.person, wanted.place ORDER BY event.at) AS nth
            FROM {AFTER_SIGNUP} JOIN wanted ON wanted.id = event.name
            WHERE event.at >= signup.at AND event.at < signup.at + make_interval(hours => 24 * %(within)s)
        )
        SELECT signup.person, signup.account, signup.at {reached}
        FROM signup LEFT JOIN reached ON reached.person = signup.person AND reached.nth = reached.times
        GROUP BY signup.person, signup.account, signup.at
    """
    params = {**_of_signups(spec, window), **_of_milestones(spec), "within": spec.within_days}
    return restricted_frame(spec, statement, params)


@resolves(SignupDays)
def _signup_days(spec: SignupDays, window: Window) -> pl.DataFrame:
    notice, value = (f"event.name = ANY({OF_CLASS.format(kind)})" for kind in ("NOTICE", "VALUE"))
    statement = f"""
        WITH signup AS ({_signups(spec)}),
        signup_name AS (SELECT id FROM activity_eventname WHERE name = %(signup)s)
        SELECT signup.person, signup.account, signup.at,
               day.day - (signup.at AT TIME ZONE %(zone)s)::date AS place,
               count(*) FILTER (WHERE NOT {notice}),
               count(*) FILTER (WHERE {value} AND event.name IS DISTINCT FROM (SELECT id FROM signup_name)),
               count(DISTINCT date_bin('1 minute', event.at, timestamptz 'epoch')) FILTER (WHERE NOT {notice})
        FROM {AFTER_SIGNUP}
        WHERE event.at >= signup.at AND day.day < (signup.at AT TIME ZONE %(zone)s)::date + %(length)s::int
        GROUP BY signup.person, signup.account, signup.at, place
    """
    return restricted_frame(spec, statement, {**_of_signups(spec, window), "length": spec.length})


@resolves(SignupActions)
def _signup_actions(spec: SignupActions, window: Window) -> pl.DataFrame:
    notice = f"event.name = ANY({OF_CLASS.format('NOTICE')})"
    statement = f"""
        WITH signup AS ({_signups(spec)}),
        born AS (SELECT person, account, at, (at AT TIME ZONE %(zone)s)::date AS day FROM signup),
        done AS (
            SELECT signup.person, day.day, event.name, count(*) AS times FROM {AFTER_SIGNUP}
            WHERE event.at >= signup.at AND NOT {notice}
              AND day.day < (signup.at AT TIME ZONE %(zone)s)::date + %(length)s::int
            GROUP BY signup.person, day.day, event.name
        ),
        back AS (
            SELECT born.person, count(DISTINCT day.day) AS days
            FROM born JOIN activity_personstate state ON state.root = born.person AND state.is_counted
            JOIN activity_personday day ON day.person = state.person
                AND day.day BETWEEN born.day + %(back_from)s::int AND born.day + %(back_to)s::int
            WHERE born.day + %(back_to)s::int <= %(last)s AND {NO_MERE_NOTICE.replace("names", "day.names")}
            GROUP BY born.person
        )
        SELECT born.person, born.account, born.at, name.name, done.day - born.day, done.times,
               CASE WHEN born.day + %(back_to)s::int <= %(last)s THEN COALESCE(back.days, 0) END
        FROM born JOIN done USING (person) JOIN activity_eventname name ON name.id = done.name
        LEFT JOIN back USING (person)
    """
    params = {"length": spec.length, "back_from": spec.back_from, "back_to": spec.back_to}
    return restricted_frame(spec, statement, {**_of_signups(spec, window), **params})


# When somebody was new is no matter of a slice, as for FirstSeen.
for _kind in (SignupMilestones, SignupDays, SignupActions):
    slice_rows(_kind, account="account", person="person", narrow_accounts=False)


@resolves(EventTotals)
def _event_totals(spec: EventTotals, window: Window) -> pl.DataFrame:
    return _totals(spec, _daily(spec, window.day), window.day)


@resolves_range(EventTotals)
def _event_totals_of_days(spec: EventTotals, windows: Sequence[Window]) -> Cut:
    rows = _daily(spec, max(window.day for window in windows))

    def cut(window: Window) -> pl.DataFrame:
        return _totals(spec, rows, window.day)

    return cut


def _daily(spec: EventTotals, last: date) -> pl.DataFrame:
    """The number of events per account, milestone and day, up to the ``last`` one; days in order."""
    params = {**_of_milestones(spec), "signup": None, "last": last}
    return query_columns(DAY, *restricted(DAILY, params)).sort("account", "milestone", "day")


def _totals(spec: EventTotals, rows: pl.DataFrame, last: date) -> pl.DataFrame:
    aims = pl.DataFrame(
        [(place, times) for place, (_, times) in enumerate(spec.milestones, 1)],
        schema={"milestone": pl.Int64, "aim": pl.Int64},
        orient="row",
    )
    running = (
        rows.filter(pl.col("day") <= last)
        .join(aims, on="milestone", maintain_order="left")
        .with_columns(so_far=pl.col("count").cum_sum().over("account", "milestone"))
    )
    totals = running.group_by("account", "milestone").agg(
        pl.col("count").sum(),
        first_on=pl.col("day").min(),
        reached_on=pl.col("day").filter(pl.col("so_far") >= pl.col("aim")).min(),
    )
    return totals.select([pl.col(name).cast(kind) for name, kind in spec.columns.items()])


@slices(EventTotals)
def _event_totals_of_slices(spec: EventTotals, window: Window, parts: Sequence[Slice]) -> Frames:
    """Accounts are sorted out from one reading; persons need one of their own, since rows do not name them."""
    read: dict[frozenset[int] | None, pl.DataFrame] = {}
    frames = []
    for part in parts:
        persons = None if part.persons is None else frozenset(part.persons)
        if persons not in read:
            with sliced_by(Slice(persons=part.persons)):
                read[persons] = _event_totals(spec, window)
        frames.append(rows_of(read[persons], part, account="account", person=None))
    return frames
