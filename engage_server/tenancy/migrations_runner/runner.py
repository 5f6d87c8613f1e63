"""Migrates tenants: canaries first, then several at a time, each in a transaction of its own.

The digest of a tenant says whether it is behind, so that having nothing to do costs one query. The first tenant
of each digest is migrated through Django and recorded; the others get the recorded SQL. What was done before a
stop, a crash or a kill stays done, and the next run finishes the rest.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.exceptions import UnknownTenantError
from engage_server.tenancy.migrations_runner.change import Change, apply_change, record_change
from engage_server.tenancy.models import Tenant, TenantMigration
from engage_server.tenancy.scope import TenantRef, shared_scope

log = logging.getLogger("engage.tenancy")

# A backend remembers each table that it touched, so its connection is renewed after so many tenants.
TENANTS_PER_CONNECTION: Final = 200
# Lock not available, deadlock, and what PostgreSQL says when it shuts down or is not up yet.
PASSING: Final = frozenset({"55P03", "40P01", "40001", "57P01", "57P02", "57P03"})
FIRST_PAUSE_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Options:
    """How a run proceeds.

    One worker by default: it leaves requests the machine, and several are faster only where the way to the database
    is long. ``canaries`` tenants of each digest go first, one by one, and the run ends if one fails; it also ends after
    ``max_failures`` failures. A lock that is not had after ``lock_timeout_ms`` is tried for again, ``attempts``
    times in all, so that a migration never makes a tenant's requests queue for longer than that.
    """

    tenants: tuple[str, ...] = ()
    workers: int = 1
    canaries: int = 1
    max_failures: int = 5
    lock_timeout_ms: int = 2_000
    attempts: int = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one tenant. ``done`` is also true where another run was faster, or the tenant is gone."""

    slug: str
    done: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. ``pending`` were to be migrated and were not reached."""

    done: int
    failed: tuple[Outcome, ...]
    pending: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether all that was to be done is done."""
        return not self.failed and not self.pending


@dataclass(frozen=True, slots=True)
class _Behind:
    ref: TenantRef
    digest: str


def tenants_behind(slugs: Sequence[str] = ()) -> list[Tenant]:
    """Tenants (of these slugs, or all) that lack migrations, those that failed before last; one query."""
    with shared_scope():
        behind = Tenant.objects.exclude(schema_digest=schema_digest()).select_related("migration")
        if slugs:
            behind = behind.filter(slug__in=slugs)
        return sorted(behind, key=lambda tenant: (_failed_before(tenant), tenant.pk))


def migrate_tenants(
    options: Options | None = None, *, started: Callable[[int], None] = lambda count: None,
    finished: Callable[[Outcome], None] = lambda outcome: None,
) -> Report:  # fmt: skip
    """Bring tenants up to date.

    Args:
        options: how.
        started: called once with the number of tenants that are behind, if any is.
        finished: called with each tenant's outcome, in this thread.

    Raises:
        UnknownTenantError: one of ``options.tenants`` does not exist.
    """
    options = options or Options()
    _require_known(options.tenants)
    behind = [_Behind(tenant.ref, tenant.schema_digest) for tenant in tenants_behind(options.tenants)]
    if not behind:
        return Report(done=0, failed=(), pending=())
    started(len(behind))
    _mark_pending(behind)
    outcomes = []
    for outcome in _Run(options, behind).outcomes():
        outcomes.append(outcome)
        finished(outcome)
    reached = {outcome.slug for outcome in outcomes}
    failed = tuple(outcome for outcome in outcomes if not outcome.done)
    log.info(
        "Migrated tenants: %d done, %d failed, %d not reached.",
        len(outcomes) - len(failed),
        len(failed),
        len(behind) - len(outcomes),
        extra={"action": "tenants_migrated", "target": schema_digest()},
    )
    return Report(
        done=len(outcomes) - len(failed),
        failed=failed,
        pending=tuple(tenant.ref.slug for tenant in behind if tenant.ref.slug not in reached),
    )


class _Run:
    """One run: the tenants, the changes recorded so far, and whether to stop."""

    def __init__(self, options: Options, behind: Sequence[_Behind]) -> None:
        self._options = options
        self._changes: dict[str, Change] = {}
        self._stop = threading.Event()
        self._failures = 0
        self._counting = threading.Lock()
        by_digest: dict[str, list[_Behind]] = {}
        for tenant in behind:
            by_digest.setdefault(tenant.digest, []).append(tenant)
        count = options.canaries
        self._canaries = [tenant for group in by_digest.values() for tenant in group[:count]]
        self._rest = [tenant for group in by_digest.values() for tenant in group[count:]]

    def outcomes(self) -> Iterator[Outcome]:
        """Each tenant's outcome as it comes."""
        for tenant in self._canaries:
            outcome = self._migrate(tenant)
            yield outcome
            if not outcome.done:
                return
        yield from self._in_threads() if self._options.workers > 1 else self._in_this_thread()

    def _in_this_thread(self) -> Iterator[Outcome]:
        for number, tenant in enumerate(self._rest, start=1):
            if self._stop.is_set():
                return
            yield self._migrate(tenant)
            if number % TENANTS_PER_CONNECTION == 0 and not connection.in_atomic_block:
                connection.close()

    def _in_threads(self) -> Iterator[Outcome]:
        work: queue.SimpleQueue[_Behind] = queue.SimpleQueue()
        for tenant in self._rest:
            work.put(tenant)
        outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        count = min(self._options.workers, len(self._rest))
        with ThreadPoolExecutor(max_workers=count or 1, thread_name_prefix="migrate") as pool:
            workers = [pool.submit(self._work, work, outcomes) for _ in range(count)]
            try:
                for _ in workers:
                    while (outcome := outcomes.get()) is not None:
                        yield outcome
            finally:
                self._stop.set()  # also where the caller was interrupted: tenants begun are ended, no more begun
        for worker in workers:
            worker.result()

    def _work(
        self, work: "queue.SimpleQueue[_Behind]", outcomes: "queue.SimpleQueue[Outcome | None]"
    ) -> None:
        migrated = 0
        try:
            while not self._stop.is_set():
                outcomes.put(self._migrate(work.get_nowait()))
                migrated += 1
                if migrated % TENANTS_PER_CONNECTION == 0:
                    connection.close()
        except queue.Empty:
            pass
        finally:
            connection.close()
            outcomes.put(None)

    def _migrate(self, tenant: _Behind) -> Outcome:
        for attempt in range(1, self._options.attempts + 1):
            try:
                self._migrate_once(tenant, attempt)
            except Exception as error:  # noqa: BLE001  # a migration may raise anything: the others go on
                if _passing(error) and attempt < self._options.attempts:
                    _pause(attempt)
                    continue
                self._count_failure()
                return _failed(tenant, attempts=attempt, error=error)
            break
        log.debug("Migrated a tenant.", extra={"action": "tenant_migrated", "tenant": tenant.ref.slug})
        return Outcome(slug=tenant.ref.slug, done=True)

    def _count_failure(self) -> None:
        with self._counting:
            self._failures += 1
            if self._failures >= self._options.max_failures:
                self._stop.set()

    def _migrate_once(self, tenant: _Behind, attempt: int) -> None:
        with transaction.atomic():
            if not _claim(tenant, self._options.lock_timeout_ms):
                return
            change = self._changes.get(tenant.digest)
            if change is None:
                change = record_change(tenant.ref)
            else:
                apply_change(change, tenant.ref)
            _mark_done(tenant, attempt)
        # Not before the commit: what was rolled back is no change to follow.
        self._changes[tenant.digest] = change


def _claim(tenant: _Behind, lock_timeout_ms: int) -> bool:
    """Lock the tenant's row against other runners, renaming and deletion; False where nothing is left to do."""
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL lock_timeout = %s;"
            " SELECT FROM tenancy_tenant WHERE id = %s AND schema_digest = %s FOR NO KEY UPDATE",
            [lock_timeout_ms, tenant.ref.id, tenant.digest],
        )
        cursor.nextset()
        return bool(cursor.rowcount)


def _require_known(slugs: Sequence[str]) -> None:
    if not slugs:
        return
    with shared_scope():
        known = set(Tenant.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    if unknown := sorted(set(slugs) - known):
        raise UnknownTenantError(
            f"There is no tenant {', '.join(unknown)}. Remedy: `manage.py tenant list` shows them."
        )


def _failed_before(tenant: Tenant) -> bool:
    return hasattr(tenant, "migration") and tenant.migration.state == TenantMigration.State.FAILED


def _mark_pending(behind: Sequence[_Behind]) -> None:
    target = schema_digest()
    with shared_scope(), transaction.atomic():
        ids = [tenant.ref.id for tenant in behind]
        # Attempts add up as long as the target is the same.
        TenantMigration.objects.filter(tenant_id__in=ids).exclude(target=target).delete()
        TenantMigration.objects.bulk_create(
            [TenantMigration(tenant_id=pk, target=target, state=TenantMigration.State.PENDING) for pk in ids],
            update_conflicts=True,
            unique_fields=["tenant"],
            update_fields=["state"],
        )


def _mark_done(tenant: _Behind, attempts: int) -> None:
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (UPDATE tenancy_tenant SET schema_digest = %(digest)s WHERE id = %(tenant)s)
            UPDATE tenancy_tenantmigration SET state = 'DONE', attempts = attempts + %(attempts)s, error = '',
                finished_at = statement_timestamp()
            WHERE tenant_id = %(tenant)s
            """,
            {"digest": schema_digest(), "tenant": tenant.ref.id, "attempts": attempts},
        )


def _failed(tenant: _Behind, *, attempts: int, error: Exception) -> Outcome:
    text = " ".join([*getattr(error, "__notes__", []), f"{type(error).__name__}: {error}".strip()])
    with shared_scope():
        TenantMigration.objects.filter(pk=tenant.ref.id).update(
            state=TenantMigration.State.FAILED,
            attempts=F("attempts") + attempts,
            error=text,
            finished_at=Now(),
        )
    log.error(
        "A tenant was not migrated: %s",
        text,
        extra={"action": "tenant_not_migrated", "tenant": tenant.ref.slug},
    )
    return Outcome(slug=tenant.ref.slug, done=False, error=text)


def _pause(attempt: int) -> None:
    time.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))


def _passing(error: Exception) -> bool:
    """Whether the same may work a little later."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state in PASSING or connection.connection is None or connection.connection.closed
