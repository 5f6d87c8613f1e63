"""Writes events: optimistic COPY, and on a repeated message id the same rows again without the stored ones.

Most batches are new, and COPY is two to four times faster than any way with ON CONFLICT. A unique violation is
raised only once the other row is committed, so the next look finds it, and every round has fewer rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from struct import Struct
from typing import Final

import msgspec
from django.db import IntegrityError, connection, transaction
from psycopg import errors

from engage_server.activity.exceptions import RepeatedIdsError
from engage_server.tenancy.postgresql.binary_copy import HEADER, NULL, TRAILER, microseconds_of

COPY: Final = """
    COPY activity_event
        (source_id, message_id, digest, name_id, person_id, account_id, occurred_at, received_at, properties)
    FROM STDIN (FORMAT binary)
"""
KNOWN: Final = "SELECT message_id, digest FROM activity_event WHERE source_id = %s AND message_id = ANY(%s)"
JSONB_VERSION: Final = 1
# Each field follows its length. A row begins with the number of fields, the source and the length of the message id,
# goes on behind it, and ends with the properties.
_begin: Final = Struct(">hihi")
_middle: Final = Struct(">iqiiiiiiiqiqib")
_number: Final = Struct(">ii")
_digest_and_name: Final = Struct(">iqii")
_times_and_version: Final = Struct(">iqiqib")


class EventRow(msgspec.Struct, frozen=True, gc=False):
    """An event as it is stored: dictionary numbers, and ``properties`` as JSON text.

    A struct, since there is one for each event, and a frozen dataclass takes five times as long to make.
    """

    message_id: str
    digest: int
    name: int
    person: int | None
    account: int | None
    occurred_at: datetime
    received_at: datetime
    properties: str


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events as they are stored, column by column: the lists run in parallel, an element each an event.

    Times are in microseconds since 2000, as PostgreSQL has them.
    """

    message_ids: Sequence[str]
    digests: Sequence[int]
    names: Sequence[int]
    persons: Sequence[int | None]
    accounts: Sequence[int | None]
    occurred: Sequence[int]
    received: Sequence[int]
    properties: Sequence[str]

    @classmethod
    def of(cls, rows: Sequence[EventRow]) -> "EventColumns":
        """The columns of these rows."""
        return cls(
            [row.message_id for row in rows],
            [row.digest for row in rows],
            [row.name for row in rows],
            [row.person for row in rows],
            [row.account for row in rows],
            microseconds_of([row.occurred_at for row in rows]),
            microseconds_of([row.received_at for row in rows]),
            [row.properties for row in rows],
        )


def write_events(source: int, rows: Mapping[str, EventRow]) -> dict[str, int]:
    """Store the rows, by message id; return the digests of those ids that were stored before."""
    waiting = list(rows)
    known: dict[str, int] = {}
    while waiting and not _copy_or_undo(source, [rows[message_id] for message_id in waiting]):
        with connection.cursor() as cursor:
            cursor.execute(KNOWN, [source, waiting])
            known.update(cursor.fetchall())
        waiting = [message_id for message_id in waiting if message_id not in known]
    return known


def write_new_events(source: int, rows: Mapping[str, EventRow]) -> dict[str, int]:
    """Store rows whose ids are all new; a batch that needs no savepoint. Returns no digests: none was stored before.

    Raises:
        RepeatedIdsError: an id is stored already, and the transaction is lost.
    """
    write_new_columns(source, EventColumns.of(list(rows.values())))
    return {}


def write_new_columns(source: int, events: EventColumns) -> None:
    """As ``write_new_events``, for events column by column."""
    try:
        _copy(source, events)
    except IntegrityError as error:
        if isinstance(error.__cause__, errors.UniqueViolation):
            raise RepeatedIdsError("A message id of the batch is stored already.") from error
        raise


def _copy_or_undo(source: int, rows: Sequence[EventRow]) -> bool:
    """False where one of the ids is stored already; nothing is written then."""
    try:
        with transaction.atomic():
            _copy(source, EventColumns.of(rows))
    except IntegrityError as error:
        if isinstance(error.__cause__, errors.UniqueViolation):
            return False
        raise
    return True


def _copy(source: int, events: EventColumns) -> None:
    if not events.message_ids:
        return
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(COPY) as copy:
        copy.write(copy_data(source, events))


def copy_data(source: int, events: EventColumns) -> bytes:
    """The events in the binary format of ``COPY``, in one order of message ids for everybody.

    Two batches with ids in common then never wait for each other in a circle.
    """
    ids = [text.encode() for text in events.message_ids]
    begins = {size: _begin.pack(9, 2, source, size) for size in set(map(len, ids))}
    pack = _middle.pack
    if None in events.persons or None in events.accounts:
        pack = _middle_with_nulls
    rows = [
        b"".join(
            (
                begins[len(message_id)],
                message_id,
                pack(
                    8, digest, 4, name, 4, person, 4, account, 8, occurred, 8, received,
                    len(text) + 1, JSONB_VERSION,
                ),
                text,
            )
        )
        for message_id, digest, name, person, account, occurred, received, text in zip(
            ids, events.digests, events.names, events.persons, events.accounts, events.occurred, events.received,
            [text.encode() for text in events.properties],
            strict=True,
        )
    ]  # fmt: skip
    rows.sort()
    return b"".join((HEADER, *rows, TRAILER))


def _middle_with_nulls(*fields: int | None) -> bytes:
    """As ``_middle.pack``, where the person and the account may be None."""
    numbers = [NULL if number is None else _number.pack(4, number) for number in (fields[5], fields[7])]
    return b"".join((_digest_and_name.pack(*fields[:4]), *numbers, _times_and_version.pack(*fields[8:])))
