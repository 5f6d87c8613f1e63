"""The log of what the roll-ups have yet to take in. Code that changes events, persons or memberships writes it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import connection
from msgspec import to_builtins

from engage_server.activity.writer import EventColumns, EventRow

APPEND: Final = """
    INSERT INTO activity_eventdelta
        (size, sign, persons, accounts, names, times, marked, received_at)
    VALUES ({}, 1, '{{{}}}', '{{{}}}', '{{{}}}', '{{{}}}', {}, {})
"""
# For statements that delete events and return them as ``gone``, with the columns named here.
LOG_DELETED: Final = """
    INSERT INTO activity_eventdelta (size, sign, persons, accounts, names, times, marked)
    SELECT count(*), -1, array_agg(person_id), array_agg(account_id), array_agg(name_id), array_agg(occurred_at), '{}'
    FROM gone HAVING count(*) > 0
"""
BACKLOG: Final = (
    "SELECT count(*), COALESCE(sum(size), 0), clock_timestamp() - min(logged_at) FROM activity_eventdelta"
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in a tenant's log: batches, their events, and for how long the oldest has waited (None: none)."""

    batches: int
    events: int
    lag: timedelta | None


def log_events(rows: Iterable[EventRow], *, marked: Collection[int] = ()) -> None:
    """Log events that this transaction has stored, each once; events without a person are in no roll-up.

    Args:
        rows: what was written, and nothing that was known before.
        marked: all persons whose names, stays or exclusion this transaction may have changed. Where it names nobody,
            the events' own persons are as they were: the compaction then looks up none that it knows.
    """
    stored = list(rows)
    if stored or marked:
        with connection.cursor() as cursor:
            cursor.execute(insert_statement(EventColumns.of(stored), marked=marked))


def insert_statement(stored: EventColumns, *, marked: Collection[int] = ()) -> str:
    """The statement of ``log_events``, for a message. Its parameters are in it: numbers and times, no texts."""
    persons, accounts, names, occurred = stored.persons, stored.accounts, stored.names, stored.occurred
    if None in persons:
        own = [place for place, person in enumerate(persons) if person is not None]
        persons, accounts = [persons[place] for place in own], [accounts[place] for place in own]
        names, occurred = [names[place] for place in own], [occurred[place] for place in own]
    # Times all at once, in ISO 8601: ten times as fast as isoformat(), which asks the zone.
    times: list[str] = to_builtins(occurred)
    newest = max(stored.received, default=None)
    return APPEND.format(
        len(persons),
        _elements(persons),
        _elements(accounts),
        _elements(names),
        ",".join(times),
        f"'{{{_elements(sorted(set(marked).difference(persons)))}}}'" if marked else "NULL",
        "NULL" if newest is None else f"'{newest.isoformat()}'",
    )


def log_persons(persons: Collection[int]) -> None:
    """Say that merges, stays or the exclusion of these stored persons changed, in the transaction that does it."""
    log_events((), marked=persons)


def backlog() -> Backlog:
    """How far the roll-ups of the tenant in scope are behind its events."""
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG)
        batches, events, lag = cursor.fetchone()
    return Backlog(batches, events, lag)


def _elements(values: Sequence[int | None]) -> str:
    # PostgreSQL's own notation is Python's but for nothing; several times faster than adapting each element.
    return str(list(values))[1:-1].replace("None", "NULL")
