"""Answers the inputs that concern events: one statement each, as frames."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import polars as pl
from django.db import connection

from engage_server.customers.inputs import (
    ACCOUNT_AT_THE_TIME,
    COUNTED,
    PERSON_ROOT,
    Resolver,
    query_frame,
    trailing_start,
)
from engage_server.sdk import Activation, ActivePersons, EventCounts, FeatureUse, InputSpec, Window

# The events of a window, each with the person that counts and the account at the time.
EVENTS: Final = f"""
    SELECT root.id AS person, {ACCOUNT_AT_THE_TIME.format(table="event")} AS account, event.name_id,
           event.occurred_at
    FROM activity_event event {PERSON_ROOT.format(table="event")}
    WHERE event.occurred_at >= %(start)s AND event.occurred_at < %(end)s AND root.id IS NOT NULL AND {COUNTED}
"""


def _active_persons(spec: ActivePersons, window: Window) -> pl.DataFrame:
    qualifying = "WHERE name.event_class = 'VALUE'" if spec.event_class == "VALUE" else ""
    statement = f"""
        SELECT DISTINCT event.person, event.account
        FROM ({EVENTS}) event JOIN activity_eventname name ON name.id = event.name_id {qualifying}
    """
    return query_frame(spec, statement, {"start": trailing_start(window, spec.days), "end": window.end})


def _feature_use(spec: FeatureUse, window: Window) -> pl.DataFrame:
    statement = f"""
        SELECT event.person, event.account, feature.id, feature.name, count(*),
               count(DISTINCT (event.occurred_at AT TIME ZONE %(zone)s)::date)
        FROM ({EVENTS}) event
        JOIN activity_eventname name ON name.id = event.name_id
        JOIN activity_feature feature ON feature.id = name.feature_id
        GROUP BY event.person, event.account, feature.id, feature.name
    """
    params = {"start": trailing_start(window, spec.days), "end": window.end, "zone": window.timezone}
    return query_frame(spec, statement, params)


def _event_counts(spec: EventCounts, window: Window) -> pl.DataFrame:
    statement = f"""
        SELECT event.person, event.account, name.name, count(*), name.weight::float8, name.polarity
        FROM ({EVENTS}) event JOIN activity_eventname name ON name.id = event.name_id
        WHERE %(all)s OR name.name = ANY(%(names)s)
        GROUP BY event.person, event.account, name.name, name.weight, name.polarity
    """
    params = {
        "start": trailing_start(window, spec.days),
        "end": window.end,
        "all": not spec.names,
        "names": list(spec.names),
    }
    return query_frame(spec, statement, params)


def _activation(spec: Activation, window: Window) -> pl.DataFrame:
    # "First" means first ever, not first in the window; so the sign-ups look back to the beginning.
    statement = f"""
        WITH event AS ({EVENTS}),
        signup AS (
            SELECT DISTINCT ON (event.person) event.person, event.account, event.occurred_at AS signed_up_at
            FROM event JOIN activity_eventname name ON name.id = event.name_id
            WHERE %(signup)s::text IS NULL OR name.name = %(signup)s
            ORDER BY event.person, event.occurred_at, event.account NULLS LAST
        ),
        activation AS (
            SELECT signup.person, event.occurred_at,
                   row_number() OVER (PARTITION BY signup.person ORDER BY event.occurred_at) AS nth
            FROM signup JOIN event ON event.person = signup.person
            JOIN activity_eventname name ON name.id = event.name_id AND name.name = %(activation)s
            WHERE event.occurred_at >= signup.signed_up_at
              AND event.occurred_at < signup.signed_up_at + make_interval(hours => 24 * %(within)s)
        )
        SELECT signup.person, signup.account, signup.signed_up_at, activation.occurred_at
        FROM signup LEFT JOIN activation ON activation.person = signup.person AND activation.nth = %(times)s
        WHERE signup.signed_up_at >= %(cohort_start)s
    """
    params = {
        "start": "-infinity",
        "end": window.end,
        "cohort_start": trailing_start(window, spec.days),
        "signup": spec.signup_event,
        "activation": spec.activation_event,
        "times": spec.times,
        "within": spec.within_days,
    }
    return query_frame(spec, statement, params)


def watermark() -> datetime | None:
    """When the newest of the tenant's events was received; null where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(received_at) FROM activity_event")
        newest: datetime | None = cursor.fetchone()[0]
    return newest


RESOLVERS: Final[Mapping[type[InputSpec], Resolver]] = {
    ActivePersons: _active_persons,
    FeatureUse: _feature_use,
    EventCounts: _event_counts,
    Activation: _activation,
}
