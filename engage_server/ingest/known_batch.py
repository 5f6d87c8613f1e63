"""Stores events of which everything is known already, in one message to the database.

That is what a batch of a running product is: its persons, accounts and event names were met before, nobody is to be
kept out, and its message ids are new. Whatever is otherwise goes the ordinary way (``engage_server.ingest.store``),
with the same outcome.
"""

from functools import partial

from django.db import connection

from engage_server.activity.rollups.deltas import insert_statement
from engage_server.activity.writer import COPY, EventColumns, copy_text
from engage_server.customers.cache_epoch import LOCK_EPOCH, matches
from engage_server.ingest.event_batch import EventBatch, digests_of, names_of
from engage_server.ingest.id_cache import ResolvedIds, cached_ids, last_epoch
from engage_server.ingest.late_data import late_day_statements
from engage_server.tenancy.postgresql.messages import copy_in_one_message
from engage_server.tenancy.scope import current_tenant


def store_known_events(events: EventBatch, *, source: str) -> bool:
    """Store the events in a transaction of their own, if they are such; False where nothing was done.

    Raises:
        django.db.IntegrityError: a message id is stored already; nothing was done.
        django.db.DataError: an item breaks a rule of the tables; nothing was done.
        django.db.OperationalError: the database is unavailable; the same batch may be sent again.
    """
    hold = last_epoch(current_tenant().id)
    if hold is None or hold.withheld or connection.in_atomic_block:
        return False
    if not len(events) or len(set(events.message_ids)) != len(events):
        return False
    numbers = cached_ids(
        hold.place,
        source=source,
        event_names=set(events.names),
        accounts=set(filter(None, events.accounts)),
        use=names_of(events),
    )
    if numbers is None:
        return False
    stored = _as_stored(events, numbers)
    return copy_in_one_message(
        LOCK_EPOCH,
        # What was remembered holds as of the last hold: was anybody removed, or has anybody withdrawn, since?
        is_as_expected=partial(matches, hold),
        copy=COPY,
        rows=copy_text(numbers.source, stored),
        then=[insert_statement(stored), *late_day_statements(events)],
    )


def _as_stored(events: EventBatch, numbers: ResolvedIds) -> EventColumns:
    persons: dict[str | None, int | None] = {name: known.person for name, known in numbers.persons.items()}
    accounts: dict[str | None, int | None] = dict(numbers.accounts.items())
    for nobody in (None, ""):
        persons[nobody] = accounts[nobody] = None
    return EventColumns(
        events.message_ids,
        digests_of(events),
        [numbers.event_names[name] for name in events.names],
        [persons[user or device] for user, device in zip(events.users, events.devices, strict=True)],
        [accounts[account] for account in events.accounts],
        events.occurred,
        events.received,
        events.properties,
    )
