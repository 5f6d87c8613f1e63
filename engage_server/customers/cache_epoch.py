"""Keeps what ingest remembers of a tenant's rows true while rows are removed.

Persons, names, accounts and event names never change their numbers, so that processes may remember them. Code that
removes such rows, or takes a merge back, begins its transaction with ``announce_removal``; batches that are being
stored hold the epoch, so that none refers to a row that is gone.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.tenant_cache import CacheEpoch

LOCK_CLASS: Final = 0x1DE272  # next to that of ``merging``
FARTHEST_LEAP: Final = 2**40
# Looked up once the lock is held, not when the statement is read: a schema restored meanwhile has another sequence.
# A sequence does not wait for anybody's commit and its state is read after the lock is held, so the two agree.
# The order makes the planner take the index of those without consent, whatever it thinks of their number: EXISTS
# read the whole table, which took longer the more persons there were.
# Two statements of one message, each of which gives a row: where the tables lie on another server (Citus), one that reads
# them runs there as a whole, and so would the lock and the sequence, which belong to this server.
LOCK_EPOCH: Final = (
    f"""
    SELECT pg_advisory_xact_lock_shared({LOCK_CLASS}, hashtext(current_schema())),
           COALESCE(pg_sequence_last_value('customers_removal_epoch'::text::regclass), 0)
    """,
    "SELECT (SELECT id FROM customers_person WHERE NOT consents ORDER BY id LIMIT 1) IS NOT NULL",
)
KEEP_OUT: Final = "SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))"
BUMP_EPOCH: Final = """
    SELECT pg_advisory_xact_lock(%s, hashtext(current_schema())), nextval('customers_removal_epoch')
"""


@dataclass(frozen=True, slots=True)
class EpochLock:
    """What a batch knows of its tenant: where to remember rows, and whether any person has withdrawn consent."""

    place: CacheEpoch
    withheld: bool


def lock_epoch() -> EpochLock:
    """Keep rows of the tenant in scope from being removed until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(LOCK_EPOCH))
        _, epoch = cursor.fetchone()
        cursor.nextset()
        (withheld,) = cursor.fetchone()
    return EpochLock(CacheEpoch(current_tenant().id, epoch), withheld)


def matches(hold: EpochLock, answers: Sequence[Sequence[tuple[bytes | None, ...]]]) -> bool:
    """Whether what LOCK_EPOCH gives, as texts, tells what the hold does: nothing has changed since."""
    ((_, epoch),), ((withheld,),) = answers
    return epoch == b"%d" % hold.place.epoch and withheld == (b"t" if hold.withheld else b"f")


def bump_epoch() -> None:
    """Wait for the batches under way; what processes remember of the tenant is not found again from here on.

    Runs inside the caller's transaction, before its first removal; ingest waits until it ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(BUMP_EPOCH, [LOCK_CLASS])


def keep_batches_out() -> None:
    """Wait for the batches under way, and keep others waiting until the transaction ends; the epoch stays."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP_OUT, [LOCK_CLASS])


def begin_era(*, former: int) -> int:
    """Give the schema in scope, whose rows another state's take the place of, an epoch that nobody ever knew it by.

    Drawn at random far above the ``former`` one, whatever the restored state says: the epochs that came after it are
    those of rows that are gone. Needs the owner's role.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(pg_sequence_last_value('customers_removal_epoch'), 0)")
        restored = cursor.fetchone()[0]
        epoch: int = max(former, restored) + 1 + secrets.randbelow(FARTHEST_LEAP)
        cursor.execute("SELECT setval('customers_removal_epoch', %s)", [epoch])
    return epoch


def current_epoch() -> int:
    """The epoch of the tenant in scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(pg_sequence_last_value('customers_removal_epoch'), 0)")
        return int(cursor.fetchone()[0])
