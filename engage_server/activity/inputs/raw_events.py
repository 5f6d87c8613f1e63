"""Answers the input that gives single events with the properties that it declares; no other is decoded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import polars as pl

from engage_server.activity.inputs.registration import resolves
from engage_server.customers.frames import query_frame
from engage_server.customers.inputs import window_start
from engage_server.customers.slicers import slice_rows
from engage_server.sdk import Events, Window

# The account that the event names, else that of the person's stay at the time.
EVENTS: Final = """
    SELECT state.root, COALESCE(event.account_id, (
               SELECT period.account
               FROM unnest(state.stay_accounts, state.stay_starts, state.stay_ends)
                   WITH ORDINALITY AS period (account, starts_at, ends_at, place)
               WHERE period.starts_at <= event.occurred_at
                 AND (period.ends_at IS NULL OR period.ends_at > event.occurred_at)
               ORDER BY period.place LIMIT 1)), name.name, event.occurred_at {properties}
    FROM activity_event event
    JOIN activity_eventname name ON name.id = event.name_id AND name.name = ANY(%(events)s)
    JOIN activity_source source ON source.id = event.source_id AND source.environment = 'LIVE'
    JOIN activity_personstate state ON state.person = event.person_id AND state.is_counted
    WHERE event.occurred_at >= %(start)s AND event.occurred_at < %(end)s
"""
# A number may be written as a text; what is of another type than declared is null.
NUMBER: Final = """
    CASE WHEN jsonb_typeof(event.properties -> {name}) = 'number'
           OR jsonb_typeof(event.properties -> {name}) = 'string'
              AND event.properties ->> {name} ~ '^-?[0-9]{{1,20}}(\\.[0-9]{{1,20}})?$'
         THEN CASE WHEN abs((event.properties ->> {name})::numeric) < 1e18
                   THEN (event.properties ->> {name})::numeric END END
"""
READERS: Final[Mapping[str, str]] = {
    "str": "CASE WHEN jsonb_typeof(event.properties -> {name}) IN ('string', 'number', 'boolean') "
    "THEN event.properties ->> {name} END",
    "bool": "CASE WHEN jsonb_typeof(event.properties -> {name}) = 'boolean' "
    "THEN (event.properties ->> {name})::boolean END",
    "int": "(SELECT CASE WHEN found = trunc(found) THEN found::bigint END FROM (SELECT {number}) one (found))",
    "float": "({number})::float8",
    "decimal": "round({number}, 10)",
}


def read_events(spec: Events, *, start: datetime, end: datetime) -> pl.DataFrame:
    """The events from ``start`` until ``end``, exclusive."""
    names = {f"property{place}": name for place, (name, _) in enumerate(spec.properties)}
    read = [
        READERS[kind].format(name=f"%({key})s::text", number=NUMBER.format(name=f"%({key})s::text"))
        for key, (_, kind) in zip(names, spec.properties, strict=True)
    ]
    params = {"events": list(spec.events), "start": start, "end": end, **names}
    return query_frame(spec, EVENTS.format(properties="".join(f", {one}" for one in read)), params)


@resolves(Events)
def _events(spec: Events, window: Window) -> pl.DataFrame:
    return read_events(spec, start=window_start(spec, window), end=window.end)


slice_rows(Events, account="account", person="person")
