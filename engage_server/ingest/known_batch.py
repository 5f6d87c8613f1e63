"""Stores events of which nobody is to be kept out and whose message ids are new, column by column.

That is what a batch of a running product is. Mostly its persons, accounts and event names were met before, too: then
it is one message to the database. Else what is new is made first, in one transaction with the events. Whatever is
otherwise goes the ordinary way (``engage_server.ingest.store``), with the same outcome.
"""

from functools import partial

from django.db import connection, transaction

from engage_server.activity.rollups.deltas import insert_statement
from engage_server.activity.writer import COPY, EventColumns, copy_text, write_new_columns
from engage_server.customers.cache_epoch import LOCK_EPOCH, EpochLock, lock_epoch, matches
from engage_server.customers.identity import IdentifierUsage
from engage_server.ingest.batch_references import event_name_uses_of
from engage_server.ingest.event_batch import EventBatch, digests_of, names_of
from engage_server.ingest.id_cache import (
    ResolvedIds,
    cached_ids,
    keep_epoch,
    last_epoch,
    resolve_ids,
    suppressed_names,
    suppression_keys,
)
from engage_server.ingest.late_data import late_day_statements
from engage_server.tenancy.postgresql.messages import copy_in_one_message
from engage_server.tenancy.scope import current_tenant


def store_known_events(events: EventBatch, *, source: str) -> bool:
    """Store the events in a transaction of their own, if they are such; False where nothing was done.

    Raises:
        django.db.IntegrityError, RepeatedIdsError: a message id is stored already; nothing was done.
        django.db.DataError: an item breaks a rule of the tables; nothing was done.
        django.db.OperationalError: the database is unavailable; the same batch may be sent again.
    """
    hold = last_epoch(current_tenant().id)
    if hold is None or hold.withheld or connection.in_atomic_block:
        return False
    if not len(events) or len(set(events.message_ids)) != len(events):
        return False
    use, accounts = names_of(events), set(filter(None, events.accounts))
    numbers = cached_ids(hold.place, source=source, event_names=set(events.names), accounts=accounts, use=use)
    if numbers is None:
        return _store_with_new_names(events, source=source, accounts=accounts, use=use)
    return _store_in_one_message(hold, events, numbers)


def _store_in_one_message(hold: EpochLock, events: EventBatch, numbers: ResolvedIds) -> bool:
    stored = _as_stored(events, numbers)
    return copy_in_one_message(
        LOCK_EPOCH,
        # What was remembered holds as of the last hold: was anybody removed, or has anybody withdrawn, since?
        is_as_expected=partial(matches, hold),
        copy=COPY,
        rows=copy_text(numbers.source, stored),
        then=[insert_statement(stored), *late_day_statements(events)],
    )


def _store_with_new_names(
    events: EventBatch, *, source: str, accounts: set[str], use: IdentifierUsage
) -> bool:
    """Make what is unknown and store the events, in one transaction; False where somebody may have to be kept out."""
    with transaction.atomic():
        hold = lock_epoch()
        keep_epoch(hold)
        if hold.withheld or (suppression_keys(hold.place) and suppressed_names(hold.place, use.ordered())):
            return False
        numbers, has_changes = resolve_ids(
            hold.place, source=source, event_names=event_name_uses_of(events), accounts=accounts, use=use
        )
        stored = _as_stored(events, numbers)
        write_new_columns(numbers.source, stored)
        # The roll-ups look up whom they do not know by themselves; of the others they must hear.
        marked = {known.person for known in numbers.persons.values()} if has_changes else ()
        with connection.cursor() as cursor:
            cursor.execute("; ".join([insert_statement(stored, marked=marked), *late_day_statements(events)]))
    return True


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
