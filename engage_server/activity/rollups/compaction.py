"""Takes batches from the log into the roll-ups: one compaction of a tenant at a time, whole batches, one transaction.

Works inside the tenant's scope.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from engage_server.activity.rollups import affected_days, bitmaps, person_days, person_states, retractions
from engage_server.customers.cache_epoch import keep_batches_out
from engage_server.tenancy import citus
from engage_server.tenancy.scope import current_tenant, tenant_scope

LOCK_CLASS: Final = 0x1DE273  # a number of our own among PostgreSQL's advisory locks
# What is behind is taken in by large claims: they cost a third of small ones for each event.
BATCH_EVENTS: Final = 100_000
BATCH_ROWS: Final = 5_000
WORK_MEM: Final = "64MB"
# Statements over arrays are estimated dear and run briefly: compiling them would cost more than they do.
LOCK: Final = "SELECT set_config('jit', 'off', true), pg_advisory_xact_lock(%s, hashtext(current_schema()))"
TRY_LOCK: Final = (
    "SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema())), set_config('jit', 'off', true)"
)
TUNING: Final = "SELECT current_setting('enable_seqscan'), current_setting('work_mem')"
TUNE: Final = "SELECT set_config('enable_seqscan', %s, true), set_config('work_mem', %s, true)"
CLAIM: Final = """
    SELECT id, sign < 0, size FROM (
        SELECT id, sign, size, sum(size) OVER (ORDER BY id) - size AS before
        FROM (SELECT id, sign, size FROM activity_eventdelta ORDER BY id LIMIT %s) oldest) one
    WHERE before < %s ORDER BY id
"""
DONE: Final = """
    WITH gone AS (DELETE FROM activity_eventdelta WHERE id = ANY(%s) RETURNING received_at)
    UPDATE activity_rollupstate SET received_at = GREATEST(received_at, (SELECT max(received_at) FROM gone))
"""
PENDING: Final = "SELECT (SELECT max(id) FROM activity_eventdelta), (SELECT zone FROM activity_rollupstate)"
# Unlike DELETE it leaves no estimate behind that the tables are empty, by which the next statements would be planned.
ROLLUPS: Final = ("activity_personday", "activity_daybitmap", "activity_personstate", "activity_rollupstate")
EMPTY: Final = f"TRUNCATE {', '.join(ROLLUPS)}"
# By days, so that each person-day is written once. In one statement with what is read, so that a batch committed
# meanwhile is either read or still in the log.
REFILL: Final = """
    WITH gone AS (DELETE FROM activity_eventdelta),
    part AS (
        SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, 1 + count(*) / %(size)s AS parts
        FROM activity_event WHERE person_id IS NOT NULL GROUP BY 1
    )
    INSERT INTO activity_eventdelta (size, sign, persons, accounts, names, times, marked)
    SELECT count(*), 1, array_agg(person_id), array_agg(account_id), array_agg(name_id), array_agg(occurred_at), '{}'
    FROM activity_event JOIN part ON part.day = (occurred_at AT TIME ZONE %(zone)s)::date
    WHERE person_id IS NOT NULL
    GROUP BY day, person_id %% parts ORDER BY day
"""
# Who answered and did nothing else is known as well: what changes of such persons moves their answers.
REFILL_ANSWERING: Final = """
    INSERT INTO activity_eventdelta (size, sign, persons, accounts, names, times, marked)
    SELECT 0, 1, '{}', '{}', '{}', '{}', array_agg(DISTINCT person_id)
    FROM customers_surveyresponse WHERE person_id IS NOT NULL GROUP BY person_id / %s
"""
BEGIN: Final = """
    INSERT INTO activity_rollupstate (id, zone, received_at) SELECT 1, %s, max(received_at) FROM activity_event
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Batches of the log, oldest first, and their events; ``removals``: some take events away."""

    batches: tuple[int, ...]
    removals: bool
    events: int

    @property
    def is_full(self) -> bool:
        """Whether more waited than one claim takes in."""
        return self.events >= BATCH_EVENTS or len(self.batches) >= BATCH_ROWS


def ensure_current() -> None:
    """Take in everything that was logged before this call; the roll-ups answer for it from here on.

    Where nothing waits this is one short statement. Safe inside a transaction, which then keeps other compactions
    of the tenant waiting until it ends.
    """
    newest, is_current = _pending()
    if not is_current:
        with transaction.atomic():
            _lock(wait=True)
            _follow_calendar()
        newest, _ = _pending()
    while newest is not None:
        claim = compact(wait=True)
        if claim is None or claim.batches[-1] >= newest:
            return


def compact(*, wait: bool) -> Claim | None:
    """Take in up to BATCH_EVENTS events, the oldest first; return what was taken in, None where nothing was.

    Args:
        wait: for another compaction of the tenant to end; otherwise leave the work to it.
    """
    zone = current_tenant().timezone
    with transaction.atomic():
        if not _lock(wait=wait):
            return None
        _follow_calendar()
        claim = _claim()
        if claim is None:
            return None
        with _tuned(), connection.cursor() as cursor:
            changes = person_states.sync_states(claim.batches)
            stale = person_states.stale_cells(changes) if changes else set()
            batches = (*claim.batches, *person_states.requeue(changes)) if changes else claim.batches
            if claim.removals:
                moved, emptier = retractions.merge_events(batches, zone=zone)
                stale |= emptier
            else:
                moved = person_days.add_events(batches, zone=zone)
            moved |= {person for change in changes for person in (change.former_canonical, change.canonical)}
            bitmaps.move_first_days(moved, zone=zone)
            bitmaps.recompute_cells(stale)
            cursor.execute(DONE, [list(batches)])
        if changes:
            affected_days.notify(changes)
    return claim


def has_work() -> bool:
    """Whether the tenant's roll-ups are behind; one short statement."""
    newest, is_current = _pending()
    return newest is not None or not is_current


def lock_rollups() -> None:
    """Keep other compactions of the tenant waiting until the caller's transaction ends."""
    _lock(wait=True)


def rebuild() -> None:
    """Rebuild the roll-ups from the stored events: they go through the log again, in the tenant's calendar.

    What follows is ordinary compaction; ingest goes on meanwhile.
    """
    with transaction.atomic():
        _lock(wait=True)
        _refill()


def _follow_calendar() -> None:
    """Begin again where there are no roll-ups yet, or the tenant's time zone is another one now. Needs the lock."""
    if not _pending()[1]:
        _refill()


def _pending() -> tuple[int | None, bool]:
    """The newest batch in the log, and whether the roll-ups follow the tenant's calendar."""
    with connection.cursor() as cursor:
        cursor.execute(PENDING)
        newest, zone = cursor.fetchone()
    return newest, zone == current_tenant().timezone


def _refill() -> None:
    if citus.in_use():
        # There REFILL is run in steps, and a batch committed between them would be read and stay in the log.
        keep_batches_out()
    _empty()
    with connection.cursor() as cursor:
        cursor.execute(REFILL, {"zone": current_tenant().timezone, "size": BATCH_EVENTS // 2})
        cursor.execute(REFILL_ANSWERING, [BATCH_EVENTS // 2])
        cursor.execute(BEGIN, [current_tenant().timezone])


def _empty() -> None:
    if citus.in_use():
        # There one transaction may not write to a tenant as two roles.
        with connection.cursor() as cursor:
            for table in ROLLUPS:
                cursor.execute(f"DELETE FROM {table}")
        return
    # TRUNCATE is the owner's right, and the tenant's own role is not the owner.
    with tenant_scope(current_tenant(), role="none", timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(EMPTY)


def _lock(*, wait: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(LOCK if wait else TRY_LOCK, [LOCK_CLASS])
        return bool(wait or cursor.fetchone()[0])


@contextmanager
def _tuned() -> Iterator[None]:
    """Every table is read by its indexes in the block, and a claim is sorted in memory.

    A claim touches few rows of large tables, which no statistics about its arrays tell; so its cost does not grow with
    the history. The caller's transaction goes on with its own settings, which a rollback restores by itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(TUNING)
        former = cursor.fetchone()
        cursor.execute(TUNE, ["off", WORK_MEM])
        yield
        cursor.execute(TUNE, former)


def _claim() -> Claim | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [BATCH_ROWS, BATCH_EVENTS])
        rows = cursor.fetchall()
    if not rows:
        return None
    return Claim(tuple(row[0] for row in rows), any(row[1] for row in rows), sum(row[2] for row in rows))
