"""The log of what the roll-ups have yet to take in. Code that changes events, persons or memberships writes it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from struct import Struct
from typing import Final

from django.db import connection

from engage_server.activity.writer import EventColumns, EventRow
from engage_server.tenancy.postgresql.binary_copy import (
    HEADER,
    NULL,
    TRAILER,
    integer_array,
    timestamp_array,
)

COPY_DELTA: Final = """
    COPY activity_eventdelta (size, sign, persons, accounts, names, times, marked, received_at)
    FROM STDIN (FORMAT binary)
"""
ADDED: Final = 1  # the sign
_begin: Final = Struct(">hiiih")
_moment: Final = Struct(">iq")
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
        log_columns(EventColumns.of(stored), marked=marked)


def log_columns(stored: EventColumns, *, marked: Collection[int] = ()) -> None:
    """As ``log_events``, for events column by column."""
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(COPY_DELTA) as copy:
        copy.write(delta_data(stored, marked=marked))


def delta_data(stored: EventColumns, *, marked: Collection[int] = ()) -> bytes:
    """The row that logs the events, as COPY_DELTA reads it; as of ``log_events``."""
    persons, accounts, names, occurred = stored.persons, stored.accounts, stored.names, stored.occurred
    if None in persons:
        own = [place for place, person in enumerate(persons) if person is not None]
        persons, accounts = [persons[place] for place in own], [accounts[place] for place in own]
        names, occurred = [names[place] for place in own], [occurred[place] for place in own]
    newest = max(stored.received, default=None)
    return b"".join(
        (
            HEADER,
            _begin.pack(8, 4, len(persons), 2, ADDED),
            integer_array(persons),
            integer_array(accounts),
            integer_array(names),
            timestamp_array(occurred),
            integer_array(sorted(set(marked).difference(persons))) if marked else NULL,
            NULL if newest is None else _moment.pack(8, newest),
            TRAILER,
        )
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
