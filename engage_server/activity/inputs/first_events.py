"""Answers the inputs about first events: persons first seen, sign-ups and their activation."""

from typing import Final

import polars as pl

from engage_server.activity.inputs.person_activity import PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted_frame
from engage_server.customers.inputs import window_start
from engage_server.customers.slicers import slice_rows
from engage_server.sdk import Activation, FirstSeen, Window

# Persons whose first event ever lies in the window, with its time and account. OFFSET has each day looked up by its own
# place in the table; the planner would rather read all days of each person.
FIRST_EVER: Final = """
    WITH born AS (
        SELECT root AS person, min(first_at) AS at FROM activity_personstate WHERE is_counted
        GROUP BY root HAVING min(first_at) >= %(start)s AND min(first_at) < %(end)s
           AND min(first_at) >= (SELECT min(first_at) FROM activity_personstate WHERE is_counted)
                                + make_interval(days => %(settling)s)
    )
    SELECT born.person, min(NULLIF(day.account, 0)) AS account, born.at
    FROM born JOIN activity_personstate state ON state.root = born.person AND state.is_counted
    CROSS JOIN LATERAL (
        SELECT day.account, day.times FROM activity_personday day
        WHERE day.day = (born.at AT TIME ZONE %(zone)s)::date AND day.person = state.person OFFSET 0) day
    WHERE born.at = ANY(day.times)
    GROUP BY born.person, born.at
"""
# The same of the first event of one name: persons who did it in the window and never before.
FIRST_OF_NAME: Final = f"""
    WITH wanted AS (SELECT id FROM activity_eventname WHERE name = %(signup)s),
    use AS (
        SELECT day.person, day.account, event.at
        FROM wanted JOIN ({PERSON_DAYS}) day ON day.names @> ARRAY[wanted.id]
        CROSS JOIN LATERAL unnest(day.names, day.times) AS event (name, at) WHERE event.name = wanted.id
    ),
    born AS (
        SELECT person, min(at) AS at FROM use GROUP BY person
        HAVING NOT EXISTS (
            SELECT FROM activity_personstate state JOIN activity_personday day USING (person)
            WHERE state.root = use.person AND state.is_counted AND day.day < %(first)s
              AND day.names @> ARRAY[(SELECT id FROM wanted)])
    )
    SELECT born.person, min(NULLIF(use.account, 0)) AS account, born.at
    FROM born JOIN use USING (person, at) GROUP BY born.person, born.at
"""


@resolves(FirstSeen)
def _first_seen(spec: FirstSeen, window: Window) -> pl.DataFrame:
    params = {"start": window_start(spec, window), "end": window.end, "zone": window.timezone}
    return restricted_frame(spec, FIRST_EVER, {**params, "settling": 0})


@resolves(Activation)
def _activation(spec: Activation, window: Window) -> pl.DataFrame:
    statement = f"""
        WITH signup AS ({FIRST_EVER if spec.signup_event is None else FIRST_OF_NAME}),
        activation AS (
            SELECT signup.person, event.at,
                   row_number() OVER (PARTITION BY signup.person ORDER BY event.at) AS nth
            FROM signup JOIN activity_personstate state ON state.root = signup.person AND state.is_counted
            JOIN activity_personday day ON day.person = state.person
                AND day.day BETWEEN (signup.at AT TIME ZONE %(zone)s)::date AND %(last)s
            CROSS JOIN LATERAL unnest(day.names, day.times) AS event (name, at)
            JOIN activity_eventname name ON name.id = event.name AND name.name = %(activation)s
            WHERE event.at >= signup.at AND event.at < signup.at + make_interval(hours => 24 * %(within)s)
        )
        SELECT signup.person, signup.account, signup.at, activation.at
        FROM signup LEFT JOIN activation ON activation.person = signup.person AND activation.nth = %(times)s
    """
    params = {
        **window_days(spec, window),
        "start": window_start(spec, window),
        "end": window.end,
        "zone": window.timezone,
        "signup": spec.signup_event,
        "activation": spec.activation_event,
        "times": spec.times,
        "within": spec.within_days,
        "settling": spec.settling_days,
    }
    return restricted_frame(spec, statement, params)


# When somebody was new is no matter of a slice: the rows are those of the whole, by the account of the first event.
for _kind in (FirstSeen, Activation):
    slice_rows(_kind, account="account", person="person", narrow_accounts=False)
