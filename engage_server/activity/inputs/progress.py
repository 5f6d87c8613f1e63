"""Answers the inputs about how far persons and accounts came since they began, from person-days: one statement each."""

from collections.abc import Sequence
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
    SELECT milestone.place, milestone.times, array_agg(name.id) AS ids
    FROM unnest(%(milestones)s::text[], %(times)s::int[]) WITH ORDINALITY AS milestone (name, times, place)
    JOIN activity_eventname name ON CASE
        WHEN milestone.name = '{ANY_VALUE}' THEN name.event_class = 'VALUE' AND name.name IS DISTINCT FROM %(signup)s
        ELSE name.name = milestone.name END
    GROUP BY milestone.place, milestone.times
"""
# What sign-ups did from then on, until the last day that is asked for.
AFTER_SIGNUP: Final = """
    signup JOIN activity_personstate state ON state.root = signup.person AND state.is_counted
    JOIN activity_personday day ON day.person = state.person
        AND day.day BETWEEN (signup.at AT TIME ZONE %(zone)s)::date AND %(last)s
    CROSS JOIN LATERAL unnest(day.names, day.times) AS event (name, at)
"""
# Of a person's days that have the milestone's names the first ones alone are looked into: each holds one event at least,
# but for that of the sign-up, where they may lie before it. Nothing is joined whose size cannot be foreseen.
REACHED: Final = f"""
    wanted AS ({WANTED}),
    promising AS (
        SELECT signup.person, signup.at AS since, wanted.place, wanted.times AS number, wanted.ids, day.names, day.times,
               dense_rank() OVER (PARTITION BY signup.person, wanted.place ORDER BY day.day) AS nth_day
        FROM signup JOIN activity_personstate state ON state.root = signup.person AND state.is_counted
        JOIN activity_personday day ON day.person = state.person
            AND day.day BETWEEN (signup.at AT TIME ZONE %(zone)s)::date AND %(last)s
            AND day.day <= ((signup.at + make_interval(hours => 24 * %(within)s)) AT TIME ZONE %(zone)s)::date
        JOIN wanted ON day.names && wanted.ids
    ),
    reached AS (
        SELECT promising.person, promising.place, promising.number, event.at,
               row_number() OVER (PARTITION BY promising.person, promising.place ORDER BY event.at) AS nth
        FROM promising CROSS JOIN LATERAL unnest(promising.names, promising.times) AS event (name, at)
        WHERE promising.nth_day <= promising.number + 1 AND event.name = ANY(promising.ids)
          AND event.at >= promising.since AND event.at < promising.since + make_interval(hours => 24 * %(within)s)
    )
"""
# How many of a person-day's events count for a milestone: of a single name, and of the names of value. These are mostly all
# but a few, so that the few are looked for.
COUNT_OF_NAME: Final = (
    "cardinality(array_positions(day.names, (SELECT ids[1] FROM wanted WHERE place = {place})))"
)
WORTHLESS: Final = (
    "(SELECT COALESCE(array_agg(id), '{{}}') FROM activity_eventname WHERE event_class <> 'VALUE')::int[]"
)
COUNT_OF_VALUE: Final = f"""
    CASE WHEN day.names && {WORTHLESS}
         THEN (SELECT count(*) FROM unnest(day.names) AS event (name) WHERE event.name <> ALL({WORTHLESS}))
         ELSE cardinality(day.names) END
"""
DAILY: Final = """
    WITH wanted AS ({wanted})
    SELECT day.account, day.day {counts}
    FROM activity_personday day JOIN activity_personstate state ON state.person = day.person AND state.is_counted
    WHERE day.day <= %(last)s AND day.account <> 0 {naming}
    GROUP BY day.account, day.day
"""
# Where not every day with an event can have one that counts.
NAMING: Final = (
    "AND day.names && (SELECT COALESCE(array_agg(id), '{}') FROM wanted, unnest(wanted.ids) AS id)::int[]"
)


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
        f", max(at) FILTER (WHERE place = {place})" for place in range(1, len(spec.milestones) + 1)
    )
    statement = f"""
        WITH signup AS ({_signups(spec)}), {REACHED}
        SELECT person, max(account), max(signed_up_at) {reached}
        FROM (
            SELECT person, account, at AS signed_up_at, NULL::bigint AS place, NULL::timestamptz AS at FROM signup
            UNION ALL SELECT person, NULL, NULL, place, at FROM reached WHERE nth = number
        ) found
        GROUP BY person
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


def _days(first: str, last: str) -> str:
    """The person-days between two numbers of days after the sign-up, each looked up by its own place in the table.

    For a range the planner would rather read all days of each person.
    """
    return f"""
        SELECT day.day, day.names, day.times FROM activity_personday day
        WHERE day.person = state.person
          AND day.day = ANY(ARRAY(SELECT born.day + place FROM generate_series({first}, {last}) place)) OFFSET 0
    """


@resolves(SignupActions)
def _signup_actions(spec: SignupActions, window: Window) -> pl.DataFrame:
    notice = f"event.name = ANY({OF_CLASS.format('NOTICE')})"
    statement = f"""
        WITH signup AS ({_signups(spec)}),
        born AS (SELECT person, account, at, (at AT TIME ZONE %(zone)s)::date AS day FROM signup),
        done AS (
            SELECT born.person, born.account, born.at, day.day, event.name, count(*) AS times
            FROM born JOIN activity_personstate state ON state.root = born.person AND state.is_counted
            CROSS JOIN LATERAL ({_days("0", "%(length)s::int - 1")}) day
            CROSS JOIN LATERAL unnest(day.names, day.times) AS event (name, at)
            WHERE day.day <= %(last)s AND event.at >= born.at AND NOT {notice}
            GROUP BY born.person, born.account, born.at, day.day, event.name
        ),
        back AS (
            SELECT born.person, count(DISTINCT day.day) AS days
            FROM born JOIN activity_personstate state ON state.root = born.person AND state.is_counted
            CROSS JOIN LATERAL ({_days("%(back_from)s::int", "%(back_to)s::int")}) day
            WHERE born.day + %(back_to)s::int <= %(last)s AND {NO_MERE_NOTICE.replace("names", "day.names")}
            GROUP BY born.person
        )
        SELECT found.person, found.account, found.at, name.name, found.day - found.born, found.times,
               CASE WHEN found.born + %(back_to)s::int <= %(last)s THEN found.days_back END
        FROM (
            SELECT *, COALESCE(max(back) OVER (PARTITION BY person), 0) AS days_back
            FROM (
                SELECT person, account, at, (at AT TIME ZONE %(zone)s)::date AS born, day, name, times,
                       NULL::bigint AS back
                FROM done
                UNION ALL SELECT person, NULL, NULL, NULL, NULL, NULL, NULL, days FROM back
            ) one
        ) found JOIN activity_eventname name ON name.id = found.name
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
    """The number of events per account and milestone on each day up to the ``last`` one; names of several count once."""
    names = list(dict.fromkeys(_of_milestones(spec)["milestones"]))
    counted = {
        f"count_{place}": (COUNT_OF_VALUE if name == ANY_VALUE else COUNT_OF_NAME).format(place=place)
        for place, name in enumerate(names, 1)
    }
    columns: dict[str, Column] = {"account": pl.Int64, "day": pl.Date, **dict.fromkeys(counted, pl.Int64)}
    statement = DAILY.format(
        wanted=WANTED,
        counts="".join(f", sum({one})::bigint" for one in counted.values()),
        naming="" if ANY_VALUE in names else NAMING,
    )
    params = {"milestones": names, "times": [1] * len(names), "signup": None, "last": last}
    wide = query_columns(columns, *restricted(statement, params))
    return pl.concat(
        wide.select(
            "account",
            "day",
            milestone=pl.lit(place, pl.Int64),
            aim=pl.lit(aim, pl.Int64),
            count=f"count_{names.index(name) + 1}",
        )
        for place, (name, aim) in enumerate(spec.milestones, 1)
    ).filter(pl.col("count") > 0)


def _totals(spec: EventTotals, rows: pl.DataFrame, last: date) -> pl.DataFrame:
    running = (
        rows.filter(pl.col("day") <= last)
        .sort("account", "milestone", "day")
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
