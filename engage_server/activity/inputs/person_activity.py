"""Answers the inputs about single persons, from person-days."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

import polars as pl

from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted_frame
from engage_server.customers.slicers import slice_rows
from engage_server.sdk import (
    ActiveDays,
    ActiveMinutes,
    ActivePersons,
    EventCounts,
    InputSpec,
    PersonDays,
    Touches,
    Window,
)

# A row per stored person, account and kind of naming; ``person`` is the one that counts, account 0 is none.
PERSON_DAYS: Final = """
    SELECT state.root AS person, day.account, day.day, day.active_minutes, day.names, day.times
    FROM activity_personday day
    JOIN activity_personstate state ON state.person = day.person AND state.is_counted
    WHERE day.day BETWEEN %(first)s AND %(last)s
"""
# Minutes of one row add up to those of others only where nothing overlaps: those of one person's devices are counted
# from the times.
MINUTES: Final = f"""
    part AS ({PERSON_DAYS}),
    joined AS (
        SELECT day, person, account, count(*) AS parts, sum(cardinality(times)) AS events,
               sum(active_minutes) AS active_minutes, min(times[1]) AS first_at,
               max(times[cardinality(times)]) AS last_at
        FROM part GROUP BY day, person, account
    ),
    overlapping AS (
        SELECT day, person, account, count(DISTINCT date_bin('1 minute', at, timestamptz 'epoch')) AS active_minutes
        FROM joined JOIN part USING (day, person, account) CROSS JOIN LATERAL unnest(part.times) AS at
        WHERE joined.parts > 1 GROUP BY day, person, account
    ),
    person_day AS (
        SELECT joined.day, joined.person, NULLIF(joined.account, 0) AS account, joined.events, joined.first_at,
               joined.last_at, COALESCE(overlapping.active_minutes, joined.active_minutes) AS active_minutes
        FROM joined LEFT JOIN overlapping USING (day, person, account)
    )
"""


OF_CLASS: Final = (
    "(SELECT COALESCE(array_agg(id), '{{}}') FROM activity_eventname WHERE event_class = '{0}')::int[]"
)
VALUABLE: Final = f"names && {OF_CLASS.format('VALUE')}"
# Mostly the first name decides, and the others are not looked at.
NO_MERE_NOTICE: Final = "(names[1] <> ALL({notices}) OR NOT names <@ {notices})".format(
    notices=OF_CLASS.format("NOTICE")
)

# Of the names that are asked for; nothing else is unnested.
NAMED: Final = (
    "(SELECT COALESCE(array_agg(id), '{}') FROM activity_eventname WHERE name = ANY(%(names)s))::int[]"
)


def window_days(spec: InputSpec, window: Window) -> dict[str, date]:
    """First and last day (included) of the window that the specification asks for."""
    return {"first": spec.first_day(window.day), "last": window.day}


@resolves(ActivePersons)
def _active_persons(spec: ActivePersons, window: Window) -> pl.DataFrame:
    qualifying = VALUABLE if spec.event_class == "VALUE" else NO_MERE_NOTICE
    # Distinct before the join, which then looks up each person once and not once a day.
    statement = f"""
        SELECT DISTINCT state.root, NULLIF(stored.account, 0)
        FROM (
            SELECT DISTINCT person, account FROM activity_personday day
            WHERE day BETWEEN %(first)s AND %(last)s AND {qualifying}
        ) stored JOIN activity_personstate state ON state.person = stored.person AND state.is_counted
    """
    return restricted_frame(spec, statement, window_days(spec, window))


ACTIVE_DAYS: Final = """
    SELECT day.day, state.root, NULLIF(day.account, 0)
    FROM activity_personday day JOIN activity_personstate state ON state.person = day.person AND state.is_counted
    WHERE day.day BETWEEN %(first)s AND %(last)s AND {qualifying}
"""


def read_active_days(
    event_class: str, days: Mapping[str, date], read: Callable[..., pl.DataFrame]
) -> pl.DataFrame:
    """The days, persons and accounts with a qualifying event, read by ``restricted_frame`` or ``query_frame``.

    The few that stand twice (of merged persons) fall together here, in a tenth of the time that the database takes.
    """
    qualifying = VALUABLE if event_class == "VALUE" else NO_MERE_NOTICE
    statement = ACTIVE_DAYS.format(qualifying=qualifying.replace("names", "day.names"))
    return read(ActiveDays(), statement, days).unique()


@resolves(ActiveDays)
def _active_days(spec: ActiveDays, window: Window) -> pl.DataFrame:
    return read_active_days(spec.event_class, window_days(spec, window), restricted_frame)


@resolves(EventCounts)
def _event_counts(spec: EventCounts, window: Window) -> pl.DataFrame:
    days, names = (
        (f"{PERSON_DAYS} AND day.names && {NAMED}", f"WHERE event.name = ANY({NAMED})")
        if spec.names
        else (PERSON_DAYS, "")
    )
    statement = f"""
        WITH counted AS (
            SELECT day.person, day.account, event.name, count(*) AS events
            FROM ({days}) day CROSS JOIN LATERAL unnest(day.names) AS event (name) {names}
            GROUP BY day.person, day.account, event.name
        )
        SELECT counted.person, NULLIF(counted.account, 0), name.name, counted.events, name.weight::float8,
               name.polarity
        FROM counted JOIN activity_eventname name ON name.id = counted.name
    """
    return restricted_frame(spec, statement, {**window_days(spec, window), "names": list(spec.names)})


PERSON_DAY_ROWS: Final = f"""
    WITH {MINUTES}
    SELECT day, person, account, events::bigint, active_minutes::bigint, first_at, last_at FROM person_day
"""


@resolves(PersonDays)
def _person_days(spec: PersonDays, window: Window) -> pl.DataFrame:
    return restricted_frame(spec, PERSON_DAY_ROWS, window_days(spec, window))


@resolves(ActiveMinutes)
def _active_minutes(spec: ActiveMinutes, window: Window) -> pl.DataFrame:
    statement = f"""
        WITH {MINUTES}
        SELECT person, account, sum(active_minutes)::bigint, count(*) FROM person_day GROUP BY person, account
    """
    return restricted_frame(spec, statement, window_days(spec, window))


@resolves(Touches)
def _touches(spec: Touches, window: Window) -> pl.DataFrame:
    statement = f"""
        SELECT day.day, day.person, NULLIF(day.account, 0), channel.name, count(*)
        FROM ({PERSON_DAYS}) day CROSS JOIN LATERAL unnest(day.names) AS event (name)
        JOIN activity_eventname name ON name.id = event.name
        JOIN unnest(%(channels)s::text[], %(names)s::text[]) AS channel (name, event) ON channel.event = name.name
        GROUP BY day.day, day.person, day.account, channel.name
    """
    pairs = sorted({(channel, name) for channel, names in spec.channels for name in names})
    params = {
        **window_days(spec, window),
        "channels": [channel for channel, _ in pairs],
        "names": [name for _, name in pairs],
    }
    return restricted_frame(spec, statement, params)


for _kind in (ActiveDays, ActivePersons, EventCounts, PersonDays, ActiveMinutes, Touches):
    slice_rows(_kind, account="account", person="person")
