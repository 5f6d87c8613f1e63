"""The run ledger: opens, claims, finishes and retries runs. The truth about what was computed.

All functions work on the shared tables; each says what it needs of the caller's transaction.
"""

import logging
import random
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import F

from engage_server.engine.exceptions import LostLeaseError
from engage_server.engine.models import Run
from engage_server.tenancy.clock import ClockTimestamp, in_seconds
from engage_server.tenancy.scope import shared_scope

MAX_ATTEMPTS: Final = 5
FIRST_RETRY_S: Final = 30
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to compute a run and write its results, until the lease ends or somebody else claims it."""

    run_id: int
    tenant_id: int
    plugin: str
    day: date
    token: int
    attempt: int
    reason: str


def open_run(*, tenant_id: int, plugin: str, scheduled_for: datetime, day: date) -> int:
    """The id of the run of this plugin, time and day; opened if it is not yet in the ledger."""
    with shared_scope():
        run, _ = Run.objects.get_or_create(
            tenant_id=tenant_id, plugin=plugin, scheduled_for=scheduled_for, day=day
        )
    return int(run.pk)


def claim(run_id: int, *, again: bool = False) -> Claim | None:
    """Lease a run; None where it is leased by somebody else, not yet due, or (unless ``again``) finished."""
    states = list(Run.State.values) if again else [Run.State.PENDING, Run.State.RUNNING]
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_run SET state = 'RUNNING', token = token + 1, attempt = attempt + 1, error = '',
                started_at = clock_timestamp(), finished_at = NULL,
                lease_until = clock_timestamp() + make_interval(secs => %s)
            WHERE id = %s AND state = ANY(%s) AND (%s OR not_before <= clock_timestamp())
              AND (lease_until IS NULL OR lease_until < clock_timestamp() OR state <> 'RUNNING')
            RETURNING id, tenant_id, plugin, day, token, attempt, reason
            """,
            [settings.ENGAGE_RUN_LEASE_S, run_id, states, again],
        )
        row = cursor.fetchone()
    return None if row is None else Claim(*row)


def renew(claimed: Claim) -> bool:
    """Extend the lease; False where it is lost."""
    with shared_scope():
        return bool(
            Run.objects.filter(pk=claimed.run_id, token=claimed.token, state=Run.State.RUNNING).update(
                lease_until=in_seconds(settings.ENGAGE_RUN_LEASE_S)
            )
        )


def finish(claimed: Claim, *, values_written: int) -> None:
    """Record success; call it in the transaction that writes the values, so that both happen or neither.

    Raises:
        LostLeaseError: the run was claimed again meanwhile; the transaction must be rolled back.
    """
    with shared_scope():
        done = Run.objects.filter(pk=claimed.run_id, token=claimed.token, state=Run.State.RUNNING).update(
            state=Run.State.SUCCEEDED,
            finished_at=ClockTimestamp(),
            lease_until=None,
            values_written=values_written,
        )
    if not done:
        raise LostLeaseError(
            f"The run {claimed.run_id} was taken over by a later attempt; this one writes nothing."
        )


def fail(claimed: Claim, error: str, *, final: bool = False) -> None:
    """Record a failed attempt: to be retried after a growing, jittered pause, or given up."""
    give_up = final or claimed.attempt >= MAX_ATTEMPTS
    pause = FIRST_RETRY_S * 2 ** (claimed.attempt - 1) * random.uniform(0.75, 1.25)
    with shared_scope():
        Run.objects.filter(pk=claimed.run_id, token=claimed.token, state=Run.State.RUNNING).update(
            state=Run.State.FAILED if give_up else Run.State.PENDING,
            finished_at=ClockTimestamp() if give_up else None,
            lease_until=None,
            enqueued_at=None,
            not_before=in_seconds(0 if give_up else pause),
            error=error[:4000],
        )
    log.warning(
        "Run %s of %s failed: %s",
        claimed.run_id,
        claimed.plugin,
        error,
        extra={"action": "run_failed", "plugin": claimed.plugin, "run": claimed.run_id},
    )


def release_expired() -> int:
    """Return runs whose lease ended (their worker died) to PENDING; give up those that used all attempts."""
    with shared_scope():
        expired = Run.objects.filter(state=Run.State.RUNNING, lease_until__lt=ClockTimestamp())
        given_up = expired.filter(attempt__gte=MAX_ATTEMPTS).update(
            state=Run.State.FAILED,
            finished_at=ClockTimestamp(),
            lease_until=None,
            error=f"Its worker died or hung in each of {MAX_ATTEMPTS} attempts.",
        )
        released = expired.update(
            state=Run.State.PENDING, lease_until=None, enqueued_at=None, token=F("token") + 1
        )
    if given_up or released:
        log.warning(
            "Leases ended: %s released, %s given up.", released, given_up, extra={"action": "leases_ended"}
        )
    return given_up + released


def due_runs(tenant_id: int) -> list[Run]:
    """The tenant's open runs that may start now, oldest day first."""
    with shared_scope():
        return list(
            Run.objects.filter(
                tenant_id=tenant_id, state=Run.State.PENDING, not_before__lte=ClockTimestamp()
            ).order_by("day", "id")
        )


def open_plugins(tenant_id: int, day: date) -> frozenset[str]:
    """Plugins of the tenant whose run of this day is not finished."""
    with shared_scope():
        return frozenset(
            Run.objects.filter(
                tenant_id=tenant_id, day=day, state__in=[Run.State.PENDING, Run.State.RUNNING]
            ).values_list("plugin", flat=True)
        )
