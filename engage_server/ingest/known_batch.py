"""Stores events of which nobody is to be kept out and whose message ids are new, column by column.

That is what a batch of a running product is. Mostly its accounts and event names were met before, too, and its persons
are known or users of whom nobody has heard: then it is one message to the database, in which such persons are made.
Else what is new is made first, in one transaction with the events. Whatever is otherwise goes the ordinary way
(``engage_server.ingest.store``), with the same outcome.
"""

from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from engage_server.activity.rollups.deltas import COPY_DELTA, delta_data, log_columns
from engage_server.activity.writer import COPY, EventColumns, copy_data, write_new_columns
from engage_server.customers.cache_epoch import LOCK_EPOCH, EpochLock, lock_epoch, matches
from engage_server.customers.identifiers import Identifier, identifiers_from, make_or_find_statement
from engage_server.customers.identity import IdentifierUsage, changes_anything
from engage_server.ingest.batch_references import event_name_uses_of
from engage_server.ingest.event_batch import EventBatch, digests_of, names_of
from engage_server.ingest.id_cache import (
    IdColumns,
    ResolvedIds,
    cached_columns,
    cached_ids,
    keep_epoch,
    keep_persons,
    last_epoch,
    resolve_ids,
    suppressed_names,
    suppression_keys,
)
from engage_server.ingest.late_data import late_day_statements
from engage_server.tenancy import citus
from engage_server.tenancy.postgresql.binary_copy import microseconds_of
from engage_server.tenancy.postgresql.messages import Answers, copy_in_one_message
from engage_server.tenancy.scope import current_tenant


def store_known_events(events: EventBatch, *, source: str) -> bool:
    """Store the events in a transaction of their own, if they are such; False where nothing was done.

    Raises:
        django.db.IntegrityError, RepeatedIdsError: a message id is stored already, or a user is whose person bears no
            alias; nothing was done.
        django.db.DataError: an item breaks a rule of the tables; nothing was done.
        django.db.OperationalError: the database is unavailable; the same batch may be sent again.
    """
    hold = last_epoch(current_tenant().id)
    if hold is None or hold.withheld or connection.in_atomic_block:
        return False
    if not len(events) or len(set(events.message_ids)) != len(events):
        return False
    columns = cached_columns(hold.place, source=source, events=events)
    if columns is not None:
        return _store_in_one_message(hold, events, columns)
    use, accounts = names_of(events), set(filter(None, events.accounts))
    numbers = cached_ids(hold.place, source=source, event_names=set(events.names), accounts=accounts, use=use)
    if numbers is not None:
        unknown = [name for name in use.ordered() if name not in numbers.persons]
        if not unknown:
            return _store_in_one_message(hold, events, _columns(events, numbers))
        if not citus.in_use() and _store_with_new_persons(hold, events, numbers, use=use, unknown=unknown):
            return True
    return _store_with_new_names(events, source=source, accounts=accounts, use=use)


def _store_in_one_message(hold: EpochLock, events: EventBatch, numbers: IdColumns) -> bool:
    stored = _as_stored(events, numbers)
    rows = copy_data(numbers.source, stored)

    def rows_if_nothing_changed(answers: Answers) -> Iterator[bytes] | None:
        # What was remembered holds as of the last hold: was anybody removed, or has anybody withdrawn, since?
        return _rows_of(rows, stored) if matches(hold, answers) else None

    return copy_in_one_message(
        LOCK_EPOCH,
        copies=(COPY, COPY_DELTA),
        rows=rows_if_nothing_changed,
        then=late_day_statements(events),
    )


def _rows_of(rows: bytes, stored: EventColumns) -> Iterator[bytes]:
    """The rows of both copies; those of the log are made while the server takes the events in."""
    yield rows
    yield delta_data(stored)


def _store_with_new_persons(
    hold: EpochLock, events: EventBatch, numbers: ResolvedIds, *, use: IdentifierUsage, unknown: list[str]
) -> bool:
    """As ``_store_in_one_message``, where persons are unknown: the rows follow from whom the same message makes.

    False where one of them changes by the batch, or is being made by somebody else just now; nothing was done then.
    """
    digests = digests_of(events)
    found: dict[str, Identifier] = {}

    def rows_if_all_is_plain(answers: Answers) -> Iterator[bytes] | None:
        *epoch, persons = answers
        found.update(identifiers_from(persons))
        everybody = {**numbers.persons, **found}
        if not matches(hold, epoch) or len(found) != len(unknown) or changes_anything(use, everybody):
            return None
        ids = ResolvedIds(numbers.source, numbers.event_names, numbers.accounts, everybody)
        stored = _as_stored(events, _columns(events, ids), digests)
        return _rows_of(copy_data(numbers.source, stored), stored)

    is_done = copy_in_one_message(
        (*LOCK_EPOCH, make_or_find_statement(unknown, users=use.user_ids)),
        copies=(COPY, COPY_DELTA),
        rows=rows_if_all_is_plain,
        then=late_day_statements(events),
    )
    if is_done:
        keep_persons(hold.place, found)
    return is_done


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
        stored = _as_stored(events, _columns(events, numbers))
        write_new_columns(numbers.source, stored)
        # The roll-ups look up whom they do not know by themselves; of the others they must hear.
        marked = {known.person for known in numbers.persons.values()} if has_changes else ()
        log_columns(stored, marked=marked)
        if late_days := late_day_statements(events):
            with connection.cursor() as cursor:
                cursor.execute("; ".join(late_days))
    return True


def _columns(events: EventBatch, numbers: ResolvedIds) -> IdColumns:
    persons: dict[str | None, int | None] = {name: known.person for name, known in numbers.persons.items()}
    accounts: dict[str | None, int | None] = dict(numbers.accounts.items())
    for nobody in (None, ""):
        persons[nobody] = accounts[nobody] = None
    return IdColumns(
        numbers.source,
        [numbers.event_names[name] for name in events.names],
        [persons[user or device] for user, device in zip(events.users, events.devices, strict=True)],
        [accounts[account] for account in events.accounts],
    )


def _as_stored(events: EventBatch, numbers: IdColumns, digests: Sequence[int] | None = None) -> EventColumns:
    different = list(set(events.received))  # one of each request
    received = dict(zip(different, microseconds_of(different), strict=True))
    return EventColumns(
        events.message_ids,
        digests_of(events) if digests is None else digests,
        numbers.event_names,
        numbers.persons,
        numbers.accounts,
        microseconds_of(events.occurred),
        [received[time] for time in events.received],
        events.properties,
    )
