"""Stores events of which everything is known already, in one message to the database.

That is what a batch of a running product is: its persons, accounts and event names were met before, nobody is to be
kept out, and its message ids are new. Whatever is otherwise goes the ordinary way (``engage_server.ingest.store``),
with the same outcome.
"""

from collections.abc import Sequence
from functools import partial

from django.db import connection

from engage_server.activity.rollups.log import appending
from engage_server.activity.writer import COPY, EventRow, copy_text
from engage_server.customers.removals import HOLD, is_answered
from engage_server.ingest.gathering import digest, name_of, names_in_use
from engage_server.ingest.items import EventItem, Item
from engage_server.ingest.lateness import late_events
from engage_server.ingest.memory import Numbers, last_hold, remembered
from engage_server.tenancy.postgresql.messages import copy_in_one_message
from engage_server.tenancy.scope import current_tenant


def store_known_events(items: Sequence[Item], *, source: str) -> bool:
    """Store the items in a transaction of their own, if they are such events; False where nothing was done.

    Raises:
        django.db.IntegrityError: a message id is stored already; nothing was done.
        django.db.DataError: an item breaks a rule of the tables; nothing was done.
        django.db.OperationalError: the database is unavailable; the same batch may be sent again.
    """
    hold = last_hold(current_tenant().id)
    if hold is None or hold.withheld or connection.in_atomic_block:
        return False
    events = [item for item in items if isinstance(item, EventItem)]
    if not events or len(events) != len(items) or len({event.message_id for event in events}) != len(events):
        return False
    numbers = remembered(
        hold.place,
        source=source,
        event_names={event.name for event in events},
        accounts={event.account for event in events if event.account},
        use=names_in_use(events),
    )
    if numbers is None:
        return False
    rows = _rows(events, numbers)
    return copy_in_one_message(
        HOLD,
        # What was remembered holds as of the last hold: was anybody removed, or has anybody withdrawn, since?
        is_as_expected=partial(is_answered, hold),
        copy=COPY,
        rows=copy_text(numbers.source, rows),
        then=[appending(rows), *late_events(events)],
    )


def _rows(events: Sequence[EventItem], numbers: Numbers) -> list[EventRow]:
    """The rows by message id: two batches with ids in common never wait for each other in a circle."""
    rows = []
    for event in events:
        name, account = name_of(event.person), event.account
        rows.append(
            EventRow(
                event.message_id,
                digest(event),
                numbers.event_names[event.name],
                None if name is None else numbers.persons[name].person,
                numbers.accounts[account] if account else None,
                event.occurred_at,
                event.received_at,
                event.properties,
            )
        )
    rows.sort(key=lambda row: row.message_id)
    return rows
